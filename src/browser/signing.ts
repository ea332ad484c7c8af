// The script of an employee's signing page.
import { enhancePage } from './page.js'

enhancePage()
