// One error class for everything that can go wrong with a call: a problem document, a broken answer, no network.
import type { components } from './schema'

export type Problem = components['schemas']['Problem']
type Details = Partial<Problem> & { status: number; retryAfter?: number }

/** Words for the codes a person can do something about; the server's own words serve for the rest. */
const WORDS: Record<string, { title: string; detail: string }> = {
  credentials_invalid: {
    title: 'Sign-in failed',
    detail: 'The e-mail address or the password is wrong.',
  },
  too_many_attempts: {
    title: 'Too many attempts',
    detail: 'Sign-in is paused for this account. Wait a moment and try again.',
  },
  code_wrong: {
    title: 'Wrong code',
    detail: 'It is wrong, or was used before. Wait for the next one.',
  },
  password_wrong: { title: 'Wrong password', detail: 'That is not your password.' },
  company_suspended: {
    title: 'Your company is suspended',
    detail:
      'Recording and this portal are switched off for now. Nothing that was recorded is lost. Ask the administrator of your company.',
  },
  company_expired: {
    title: 'Your company’s subscription has ended',
    detail:
      'Recording and this portal are switched off until it is renewed. Nothing that was recorded is lost. Ask the administrator of your company.',
  },
  company_cancelled: {
    title: 'Your company has left this service',
    detail:
      'Recording and this portal are switched off. Ask the administrator of your company what happens to your data.',
  },
  network: {
    title: 'No connection',
    detail: 'The server cannot be reached. Check the network and try again.',
  },
  precondition_failed: {
    title: 'Somebody changed this meanwhile',
    detail: 'Look at it as it is now, and decide again.',
  },
  feature_not_in_plan: {
    title: 'Not in your company’s plan',
    detail: 'What is there already stays. Ask the vendor for a plan that includes it.',
  },
  manual_times_overlap: {
    title: 'A part of this time was added already',
    detail: 'Choose a stretch that does not overlap another one of the same person.',
  },
  manual_times_decided: {
    title: 'Somebody decided about it meanwhile',
    detail: 'Look at it as it is now.',
  },
  disputes_too_many: {
    title: 'Fifty of yours are open already',
    detail: 'Wait for answers, or withdraw some.',
  },
  disputes_closed: {
    title: 'It was answered or withdrawn meanwhile',
    detail: 'Look at it as it is now.',
  },
  plan_limits_exceeded: { title: 'The company is too large for this plan', detail: '' },
  two_factor_setup_required: {
    title: 'Set up two-factor to go on',
    detail: 'Your company asks for it since a moment ago.',
  },
  role_missing: { title: 'Not for your role', detail: 'Your role does not open this page.' },
}

export class AppError extends Error {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string | undefined
  readonly requestId: string | undefined
  readonly fields: NonNullable<Problem['errors']>
  readonly problem: Partial<Problem>
  /** Seconds the server asked us to wait. */
  readonly retryAfter: number | undefined

  constructor(details: Details) {
    const words = details.code ? WORDS[details.code] : undefined
    const title = words?.title ?? details.title ?? 'Something went wrong'
    super(title)
    this.name = 'AppError'
    this.status = details.status
    this.code = details.code ?? 'unknown'
    this.title = title
    this.detail = words ? words.detail || undefined : inWords(details)
    this.requestId = details.request_id ?? undefined
    this.fields = details.errors ?? []
    this.problem = details
    this.retryAfter = details.retryAfter
  }

  /** Nothing else is open before two-factor is set up. */
  get mustSetUpTwoFactor() {
    return this.code === 'two_factor_setup_required'
  }

  /** The company's account is closed for this person, whatever they ask for. */
  get companyInactive() {
    return this.status === 403 && /^company_(suspended|expired|cancelled)$/.test(this.code)
  }
}

/** An answer that is not a success. Proxies answer in HTML: then only the status is known. */
export function fromResponse(response: Response, body: unknown): AppError {
  const retryAfter = Number(response.headers.get('retry-after')) || undefined
  const known = isProblem(body) ? body : { title: titleOf(response.status) }
  return new AppError({
    ...known,
    request_id:
      (known as Partial<Problem>).request_id ?? response.headers.get('x-request-id') ?? undefined,
    status: response.status,
    retryAfter,
  })
}

/** Whatever was thrown, as something a page can show. */
export function asAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown
  if (thrown instanceof TypeError && /fetch|network|load failed/i.test(thrown.message))
    return new AppError({ status: 0, code: 'network' })
  return new AppError({
    status: 0,
    title: 'Something went wrong on this page',
    detail: thrown instanceof Error ? thrown.message : undefined,
  })
}

/** Field name → message, for a form: pointers look like `/admin_email`. */
export function fieldErrors(error: AppError): Record<string, string> {
  if (error.code === 'code_wrong') return { code: error.detail ?? error.title }
  if (error.code === 'password_wrong') return { password: error.detail ?? error.title }
  const named = error.fields.map((field) => [field.pointer.replace(/^#?\//, ''), field.detail])
  return Object.fromEntries(named.filter(([name]) => name))
}

/** A refused form is told by its fields; their names in the API are nobody's business. */
function inWords({ code, errors, detail }: Details): string | undefined {
  const fields = code === 'invalid' ? errors?.map((field) => field.detail) : undefined
  return fields?.length ? fields.join('. ') : (detail ?? undefined)
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'title' in body
}

function titleOf(status: number): string {
  if (status === 404) return 'Not found'
  if (status === 429) return 'Too many requests'
  if (status === 503) return 'The server is busy'
  return status >= 500 ? 'The server has a problem' : 'The request was refused'
}
