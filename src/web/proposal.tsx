import { formatDate } from '../domain/campaign.js'
import type { CampaignLabel } from './dashboard.js'
import { emptyForm, ErrorSummary, type FormState, Submit, TextField } from './form.js'
import { Layout, type PageProps } from './layout.js'
import { paths } from './paths.js'

export interface ProposedAddress {
  id: number
  email: string
  at: Date
}

/** What somebody typed as this person's own address, to be confirmed or not. */
export function Proposal(props: {
  proposal: ProposedAddress
  employeeId: number
  name: string
  campaign: CampaignLabel
  unitId: number
  mayConfirm: boolean
}) {
  const { proposal, campaign, employeeId, name, mayConfirm } = props
  return (
    <div class="proposal">
      <p>
        Diusulkan {formatDate(proposal.at, campaign.zone)}: <strong>{proposal.email}</strong>
      </p>
      {mayConfirm && (
        <details>
          <summary>
            Putuskan<span class="hidden-visually"> usulan {name}</span>
          </summary>
          <form method="post" action={paths.personProposal(campaign.id, employeeId)}>
            <input type="hidden" name="proposalId" value={String(proposal.id)} />
            <input type="hidden" name="email" value={proposal.email} />
            <input type="hidden" name="unitId" value={String(props.unitId)} />
            <p>
              Siapa pun dapat mengusulkan alamat. Pastikan langsung dengan {name} bahwa alamat ini dibacanya
              sendiri.
            </p>
            <Submit name="decision" value="accept">
              Sudah saya pastikan: pakai alamat ini
            </Submit>
            <Submit kind="second" name="decision" value="reject">
              Tolak usulan
            </Submit>
          </form>
        </details>
      )}
    </div>
  )
}

export interface ProposalProps extends PageProps {
  pemdaCode: string
  form?: FormState // number, email
}

/** Somebody whose mail does not come says where it would. */
export function ProposalPage({ frame, pemdaCode, form = emptyForm }: ProposalProps) {
  return (
    <Layout frame={frame} title="Usulkan alamat surel" wrong={form.errors.length > 0}>
      <div class="read">
        <ErrorSummary errors={form.errors} />
        <h1>Usulkan alamat surel</h1>
        <p>
          Untuk pegawai yang belum menerima undangan menandatangani. Pimpinan atau pengelola kepegawaian unit
          Anda memastikan alamatnya langsung dengan Anda; sesudah itu tautan pribadi dikirim ke sana.
        </p>
        <form method="post" action={paths.proposal(pemdaCode)} novalidate>
          <TextField
            name="number"
            label="NIP, NI PPPK, atau nomor kontrak"
            hint="NIP terdiri atas 18 angka; spasi tidak masalah."
            form={form}
            autoComplete="off"
            spellcheck={false}
            maxLength={40}
          />
          <TextField
            name="email"
            type="email"
            label="Alamat surel yang Anda baca sendiri"
            form={form}
            inputMode="email"
            autoComplete="email"
            spellcheck={false}
            maxLength={254}
          />
          <Submit>Kirim usulan</Submit>
        </form>
      </div>
    </Layout>
  )
}

/** Said to everybody, whoever the number belongs to. */
export function ProposalSentPage({ frame, contact }: PageProps & { contact: string }) {
  return (
    <Layout frame={frame} title="Usulan diterima">
      <div class="read">
        <h1>Usulan diterima</h1>
        <p class="lead">
          Bila nomor itu tercatat, usulannya sudah sampai kepada pimpinan atau pengelola kepegawaian unit
          Anda.
        </p>
        <p>Temui mereka untuk memastikannya. Belum ada surel yang dikirim ke alamat itu.</p>
        <p>Pertanyaan: {contact}.</p>
      </div>
    </Layout>
  )
}
