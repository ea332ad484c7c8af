// The script of a head's or a witness's page: they may sign with a certificate of their own.
import { enhancePage } from './page.js'
import { openPkcs12 } from './pkcs12.js'

enhancePage(openPkcs12)
