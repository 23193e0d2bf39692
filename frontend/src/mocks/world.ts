// What the mock API knows and does. Sign-ins: owner@demo.test, admin@acme.test, employee@acme.test, two@demo.test
// (two companies), locked@demo.test (429), gone@bolt.test (suspended company); the password is demo-demo-demo.
import type {
  AccessEntry,
  Answer,
  ApiToken,
  CompanySettings,
  Device,
  Employee,
  GalleryShot,
  Input,
  Me,
  Note,
  Overrides,
  OwnerAccount,
  PlanOfOwner,
  ReportFile,
  Role,
  SavedReport,
  SignedIn,
  SignIn,
  WorkSession,
} from '~/api/types'
import { addDays, dayIn, dayStart } from '~/lib/time'
import { serveAlerts } from './alerts'
import { makeAudit, makeCompanyAudit } from './audit'
import { type Look, serveBranding } from './branding'
import {
  asDetail,
  asListed,
  type CompanyRecord,
  history,
  makeCompanies,
  makeErasures,
  makePlans,
  planOf,
  summaryOf,
  usageDays,
} from './companies'
import { companyReport, makeSavedReports } from './company-reports'
import { makeDevices } from './devices'
import { serveDisputes } from './disputes'
import { gallerySlots, shotsOf, slotsTogether, taskOf } from './gallery'
import { serveLedTeams } from './led-teams'
import { serveManualTimes } from './manual-times'
import { serveNotifications } from './notifications'
import { serveOwnSettings } from './own-settings'
import { makeOwners } from './owners'
import {
  APP_TOTALS,
  HOST_TOTALS,
  makeApiTokens,
  makeDaily,
  makeDeviceProblems,
  makeEmployees,
  makeExports,
  makeImage,
  makeLive,
  makeOverview,
  makeOverviewHours,
  makeOwnExports,
  makeRemovals,
  makeSessions,
  makeSettings,
  makeTeams,
  makeTimeline,
  makeUse,
  newExport,
  newOwnExport,
  readyExport,
} from './people'
import { servePolicies } from './policies'
import { id } from './random'
import { growth, makeRates, overview, plansReport, revenue, usage } from './reports'
import { CATEGORY_TOTALS, serveRules } from './rules'
import { createRouter, Picture, Refusal } from './server'
import { makeSystem } from './system'
import { serveTasks } from './tasks'

export const PASSWORD = 'demo-demo-demo'
/** What the app of second@acme.test shows, and any other once two-factor is set up. */
export const CODE = '123456'
export const NOW = new Date('2026-11-20T14:20:00Z')
const GB = 1_000_000_000
const FEATURES = ['screenshots', 'api_access', 'webhooks', 'exports'] as const

export type WorldOptions = {
  now?: Date
  /** Who holds a refresh cookie from the start. */
  as?: Role | undefined
  /** The state of the admin's and employee's company. */
  status?: NonNullable<Me['company']>['status']
  /** So many more people on the live page. */
  crowd?: number
  /** No companies but one's own, no employees, no recordings. */
  empty?: boolean
  /** Nobody registers a company. */
  closed?: boolean
  /** Two-factor must be on, and is not. */
  mustSetUp?: boolean
  /** The EMPLOYEE leads both teams, and this is what the company shows leads. */
  leads?: 'people' | 'team_sums'
  /** How the company shows itself. */
  look?: Look
}

const OF_TEAMS =
  /^\/api\/(employees(\/export|\/[^/]+(\/(devices|settings|access-entries))?)?|teams(\/[^/]+(\/settings)?)?|live|timeline|work-sessions.*|manual-times.*|disputes.*|screenshots.*|reports.*|usage.*)$/

const CHANGES_OF_TEAMS =
  /^\/api\/(screenshots\/[^/]+\/original|manual-times\/(approve|reject)|disputes\/[^/]+\/answer|work-sessions\/[^/]+\/(exclude|include|cut|restore))$/

/** An admin of teams asks for these as an admin does, for oneself by name, and for the rest as an employee. */
function asWhom(method: string, url: string): string {
  const { pathname } = new URL(url, 'http://localhost')
  if (pathname === '/api/me') return 'token-TEAM_ADMIN'
  const isOfTeams = (method.toLowerCase() === 'get' ? OF_TEAMS : CHANGES_OF_TEAMS).test(pathname)
  return isOfTeams ? 'token-ADMIN' : 'token-EMPLOYEE'
}

export function createWorld(options: WorldOptions = {}) {
  const now = options.now ?? NOW
  const { on, handle: answer } = createRouter()
  const handle: typeof answer = (method, url, body, token, ...rest) =>
    answer(method, url, body, token === 'token-TEAM_ADMIN' ? asWhom(method, url) : token, ...rest)
  const companies = options.empty ? [] : makeCompanies(now)
  const employees = makeEmployees(now).slice(0, options.empty ? 2 : undefined)
  const teams = options.empty ? [] : makeTeams(now)
  const apiTokens: ApiToken[] = options.empty ? [] : makeApiTokens(now)
  let settings = makeSettings(now)
  const look = options.look ?? {}
  const erasures = options.empty ? [] : makeErasures(now)
  const exports = options.empty ? [] : makeExports(now)
  const ownExports = options.empty ? [] : makeOwnExports(now)
  const removals = options.empty ? [] : makeRemovals(now)
  const plans = options.empty ? [] : makePlans()
  let rates = options.empty ? [] : makeRates()
  const audit = options.empty ? [] : makeAudit(now)
  const zone = 'Europe/Berlin'
  const today = dayIn(zone, now)
  let cookie: Role | undefined = options.as
  let madeCompanies = 0

  const people: Record<Role, Me> = {
    OWNER: {
      id: id('owner', 1),
      email: 'owner@demo.test',
      name: 'Olga Renner',
      role: 'OWNER',
      must_set_up_two_factor: options.mustSetUp ?? false,
      leads_teams: false,
    },
    ADMIN: meOf(employees[1], 'admin@acme.test'),
    TEAM_ADMIN: { ...meOf(employees[0], 'employee@acme.test'), role: 'TEAM_ADMIN' },
    EMPLOYEE: meOf(employees[0], 'employee@acme.test'),
  }
  function meOf(person: Employee | undefined, email: string): Me {
    if (!person) throw new Error('nobody is employed')
    const status = options.status ?? 'ACTIVE'
    const erased_from = new Date(now.getTime() + 12 * 86_400_000).toISOString()
    const ends = status === 'CANCELLED' ? { erased_from } : {}
    const company = {
      id: id('company', 1),
      name: 'Acme Ltd',
      status,
      time_zone: zone,
      branding: look,
      ...ends,
    }
    const role = person.role === 'ADMIN' ? 'ADMIN' : 'EMPLOYEE'
    return {
      id: person.id,
      email,
      name: person.name,
      role,
      company,
      must_set_up_two_factor: options.mustSetUp ?? false,
      leads_teams: options.leads !== undefined && role === 'EMPLOYEE',
    }
  }
  function signedIn(role: Role): SignedIn {
    cookie = role
    const { id: user_id, company } = people[role]
    const where = company ? { company_id: company.id } : {}
    return { access_token: `token-${role}`, expires_in: 600, role, user_id, ...where }
  }

  /** The role of a call, or the refusal the real server gives. */
  function allow(token: string | undefined, ...roles: Role[]): Role {
    const role = roles.find((candidate) => token === `token-${candidate}`)
    if (role) return role
    throw token?.startsWith('token-')
      ? new Refusal(403, 'forbidden')
      : new Refusal(401, 'unauthenticated')
  }
  function found<T>(thing: T | undefined): T {
    if (thing === undefined) throw new Refusal(404, 'not_found')
    return thing
  }
  function checkPassword(password: string) {
    if (password !== PASSWORD) throw new Refusal(403, 'password_wrong')
  }

  on('post', '/api/auth/sign-in', ({ body }) => {
    const { email, password, company_id } = body
    if (email === 'locked@demo.test')
      throw new Refusal(429, 'too_many_attempts', { retryAfter: 40 })
    if (password !== PASSWORD) throw new Refusal(401, 'credentials_invalid')
    if (email === 'second@acme.test' && body.code !== CODE)
      throw new Refusal(403, body.code ? 'code_wrong' : 'code_required')
    if (email === 'gone@bolt.test') throw new Refusal(403, 'company_suspended')
    if (email === 'two@demo.test' && !company_id)
      throw new Refusal(409, 'company_choice_required', {
        companies: [
          { id: id('company', 1), name: 'Acme Ltd' },
          { id: id('company', 4), name: 'Delta Works' },
        ],
      })
    if (email === 'owner@demo.test') return signedIn('OWNER')
    if (email === 'employee@acme.test' || email === 'new@acme.test') return signedIn('EMPLOYEE')
    if (email === 'admin@acme.test' || email === 'second@acme.test' || email === 'two@demo.test')
      return signedIn('ADMIN')
    throw new Refusal(401, 'credentials_invalid')
  })
  on('post', '/api/auth/refresh', () => {
    if (!cookie) throw new Refusal(401, 'unauthenticated')
    return signedIn(cookie)
  })
  on('post', '/api/auth/sign-out', () => {
    cookie = undefined
    return undefined
  })
  on(
    'get',
    '/api/me',
    ({ token }) => people[allow(token, 'OWNER', 'ADMIN', 'TEAM_ADMIN', 'EMPLOYEE')],
  )
  let signIns = makeSignIns(now)
  const off = () => ({
    enabled: false,
    required: options.mustSetUp ?? false,
    recovery_codes_left: 0,
  })
  let twoFactor: Answer<'/api/me/two-factor'> = off()
  let requiresTwoFactor = options.mustSetUp ?? false
  const checkCode = (code: string | null | undefined) => {
    if (!code) throw new Refusal(403, 'code_required')
    if (code !== CODE) throw new Refusal(403, 'code_wrong')
  }
  const recoveryCodes = () => {
    for (const me of Object.values(people)) me.must_set_up_two_factor = false
    twoFactor = {
      enabled: true,
      enabled_at: now.toISOString(),
      required: requiresTwoFactor,
      recovery_codes_left: 10,
    }
    return {
      recovery_codes: Array.from({ length: 10 }, (_, n) => `k7qa-2mxd-${n}rts-w5bn-vg3h-zc6e`),
    }
  }
  on('get', '/api/me/two-factor', ({ token }) => {
    allow(token, 'OWNER', 'ADMIN', 'EMPLOYEE')
    return twoFactor
  })
  on('post', '/api/me/two-factor', ({ token, body }) => {
    const { email } = people[allow(token, 'OWNER', 'ADMIN', 'EMPLOYEE')]
    checkPassword(body.password)
    const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
    const label = encodeURIComponent(email)
    return {
      secret,
      otpauth_uri: `otpauth://totp/Tracker:${label}?secret=${secret}&issuer=Tracker`,
    }
  })
  on('post', '/api/me/two-factor/confirm', ({ token, body }) => {
    allow(token, 'OWNER', 'ADMIN', 'EMPLOYEE')
    checkCode(body.code)
    return recoveryCodes()
  })
  on('post', '/api/me/two-factor/recovery-codes', ({ token, body }) => {
    allow(token, 'OWNER', 'ADMIN', 'EMPLOYEE')
    checkPassword(body.password)
    checkCode(body.code)
    return recoveryCodes()
  })
  on('post', '/api/me/two-factor/end', ({ token, body }) => {
    allow(token, 'OWNER', 'ADMIN', 'EMPLOYEE')
    checkPassword(body.password)
    checkCode(body.code)
    twoFactor = off()
    return undefined
  })
  on('post', '/api/me/password', ({ token, body }) => {
    allow(token, 'OWNER', 'ADMIN', 'EMPLOYEE')
    checkPassword(body.password)
    if (body.new_password === 'passwordpassword') throw commonPassword('/new_password')
    signIns = signIns.filter((signIn) => signIn.current)
    return undefined
  })
  on('get', '/api/me/sign-ins', ({ token }) => {
    allow(token, 'OWNER', 'ADMIN', 'EMPLOYEE')
    return { items: signIns }
  })
  on('delete', '/api/me/sign-ins/{sign_in_id}', ({ token, path }) => {
    allow(token, 'OWNER', 'ADMIN', 'EMPLOYEE')
    found(signIns.find((signIn) => signIn.id === path('sign_in_id')))
    signIns = signIns.filter((signIn) => signIn.id !== path('sign_in_id'))
    return undefined
  })
  on('delete', '/api/me/sign-ins', ({ token }) => {
    allow(token, 'OWNER', 'ADMIN', 'EMPLOYEE')
    const ended = signIns.filter((signIn) => !signIn.current).length
    signIns = signIns.filter((signIn) => signIn.current)
    return { ended }
  })

  const terms = {
    is_open: !options.closed,
    plan: 'FREE',
    currency: 'USD',
    trial_days: 14,
    version: 1,
    updated_at: now.toISOString(),
  }
  on('get', '/api/registration', () => ({ is_open: terms.is_open }))
  on('post', '/api/registrations', () => undefined)
  const asked = (token: string) => {
    if (token !== 'fresh') throw new Refusal(404, 'link_invalid')
    return {
      company_name: 'Fresh Start',
      name: 'Fay Founder',
      email: 'admin@acme.test',
      time_zone: zone,
      expires_at: new Date(now.getTime() + 86_400_000).toISOString(),
    }
  }
  on('get', '/api/registrations/{token}', ({ path }) => asked(path('token')))
  on(
    'post',
    '/api/registrations/{token}',
    ({ path }) => ({
      company_id: id('company', 1),
      email: asked(path('token')).email,
      company_key: `company_${'ab12'.repeat(8)}`,
    }),
    201,
  )
  on('get', '/api/owner/registration', ({ token }) => {
    allow(token, 'OWNER')
    return terms
  })
  on('patch', '/api/owner/registration', ({ token, body, seen }) => {
    allow(token, 'OWNER')
    if (seen !== String(terms.version)) throw new Refusal(412, 'precondition_failed')
    return Object.assign(terms, body, { version: terms.version + 1 })
  })
  on('post', '/api/auth/reset', () => undefined)
  on('get', '/api/reset/{token}', ({ path }) => {
    if (path('token') === 'used') throw new Refusal(404, 'link_invalid')
    const expires_at = new Date(now.getTime() + 25 * 60_000).toISOString()
    return { email: 'employee@acme.test', company_name: 'Acme Ltd', expires_at }
  })
  on('post', '/api/reset/{token}', ({ path, body }) => {
    if (path('token') === 'used') throw new Refusal(404, 'link_invalid')
    if (body.password === 'passwordpassword') throw commonPassword('/password')
    return undefined
  })
  on('get', '/api/invitations/{token}', ({ path }): Answer<'/api/invitations/{token}'> => {
    if (path('token') === 'used') throw new Refusal(404, 'link_invalid')
    const expires_at = new Date(now.getTime() + 72 * 3_600_000).toISOString()
    if (path('token') === 'owner') return { email: 'owner@demo.test', role: 'OWNER', expires_at }
    return { company_name: 'Acme Ltd', email: 'new@acme.test', role: 'EMPLOYEE', expires_at }
  })
  on(
    'post',
    '/api/invitations/{token}/accept',
    ({ body }) => {
      if (body.password.length < 12) throw new Refusal(422, 'invalid')
      // The mock has one password for everybody, so that the automatic sign-in works with any.
      cookie = undefined
      return { email: 'new@acme.test', company_id: id('company', 1) }
    },
    201,
  )

  // --- the owner's side
  const company = (key: string) => found(companies.find((candidate) => candidate.id === key))
  on('get', '/api/owner/summary', ({ token }) => {
    allow(token, 'OWNER')
    return summaryOf(companies, now)
  })
  const system = makeSystem(now)
  on('get', '/api/owner/system', ({ token }) => {
    allow(token, 'OWNER')
    return system
  })
  on('post', '/api/owner/system/jobs/{job_id}/retry', ({ token, path }) => {
    allow(token, 'OWNER')
    const job = found(system.failed.find(({ id }) => id === path('job_id')))
    system.failed = system.failed.filter(({ id }) => id !== job.id)
    system.queue = system.queue.filter(({ state }) => state !== 'failed')
    return { id: job.id, kind: job.kind }
  })
  const listed = (query: URLSearchParams) => {
    const q = query.get('q')?.toLowerCase() ?? ''
    const matching = companies
      .filter(({ name }) => name.toLowerCase().includes(q))
      .filter(({ status }) => !query.get('status') || status === query.get('status'))
      .filter(({ plan }) => !query.get('plan') || plan === query.get('plan'))
      .map(asListed)
    return sorted(matching, query.get('sort') ?? 'name')
  }
  on('get', '/api/owner/companies/export', ({ token, query }) => {
    allow(token, 'OWNER')
    const rows = listed(query).map(({ name, status, plan }) => `${name},${status},${plan}\r\n`)
    return new Picture({ type: 'text/csv', text: `name,status,plan\r\n${rows.join('')}` })
  })
  on('get', '/api/owner/companies', ({ token, query }) => {
    allow(token, 'OWNER')
    const matching = listed(query)
    const limit = Number(query.get('limit') ?? 50)
    const at = Number(query.get('cursor')?.replace('at-', '') ?? 0)
    const items = matching.slice(at, at + limit)
    const more = at + limit < matching.length ? { next_cursor: `at-${at + limit}` } : {}
    return { items, as_of: new Date(now.getTime() - 120_000).toISOString(), ...more }
  })
  on(
    'post',
    '/api/owner/companies',
    ({ token, body }) => {
      allow(token, 'OWNER')
      if (companies.some(({ name }) => name === body.name))
        throw new Refusal(409, 'companies_name_taken', {
          detail: 'A company of this name exists.',
          errors: [{ pointer: '/name', code: 'taken', detail: 'That name is taken.' }],
        })
      madeCompanies += 1
      const [template] = makeCompanies(now)
      const plan = planOf(body.plan, plans)
      const made: CompanyRecord = {
        ...found(template),
        id: id('company', 100 + madeCompanies),
        name: body.name,
        slug: body.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
        status: 'TRIAL',
        plan: plan.name,
        employees_active: 0,
        max_employees: plan.max_employees,
        active_minutes_30d: 0,
        sessions_30d: 0,
        screenshots_30d: 0,
        storage_bytes: 0,
        max_storage_bytes: plan.max_storage_gb * GB,
        admin_email: body.admin_email,
        time_zone: body.time_zone,
        created_at: now.toISOString(),
      }
      delete made.last_sync_at
      companies.push(made)
      return {
        company: asDetail(made),
        company_key: made.fullKey,
        invitation_url: 'http://127.0.0.1:8080/invite/fresh',
        mail: 'folder' as const,
      }
    },
    201,
  )
  on('get', '/api/owner/companies/slug', ({ token, query }) => {
    allow(token, 'OWNER')
    const slug = (query.get('of') ?? '').toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
    const isFree = (slug: string) => companies.every((one) => one.slug !== slug)
    let free_slug = slug
    for (let n = 2; !isFree(free_slug); n += 1) free_slug = `${slug}-${n}`
    return { slug, is_free: isFree(slug), free_slug }
  })
  const ONE = '/api/owner/companies/{company_id}'
  on('get', ONE, ({ token, path }) => {
    allow(token, 'OWNER')
    return asDetail(company(path('company_id')))
  })
  on('get', `${ONE}/usage`, ({ token, path, query }) => {
    allow(token, 'OWNER')
    const [from, to] = [query.get('from') ?? today, query.get('to') ?? today]
    return { items: usageDays(company(path('company_id')), from, to, now) }
  })
  on('get', `${ONE}/subscriptions`, ({ token, path }) => {
    allow(token, 'OWNER')
    return { items: history(company(path('company_id')), now) }
  })
  on('post', `${ONE}/change-plan`, ({ token, path, body }) => {
    allow(token, 'OWNER')
    const target = company(path('company_id'))
    const plan = planOf(body.plan, plans)
    const later = body.when === 'period_end'
    if (!later && target.employees_active > plan.max_employees && !body.force)
      throw new Refusal(409, 'plan_limits_exceeded', {
        title: 'The company uses more than this plan allows.',
        errors: [
          {
            pointer: '/plan',
            code: 'max_employees',
            detail: `${target.employees_active} active employees, the plan allows ${plan.max_employees}.`,
          },
        ],
      })
    const period = body.period ?? 'month'
    const price = plan.prices.find((one) => one.period === period)
    delete target.planned_change
    if (later) {
      if (target.status !== 'ACTIVE' || !target.expires_at)
        throw new Refusal(409, 'period_end_missing')
      target.planned_change = {
        plan: plan.name,
        period,
        price_minor: price?.price_minor ?? 0,
        currency: 'USD',
        effective_at: target.expires_at,
        planned_by: 'owner@demo.test',
        planned_at: now.toISOString(),
        ...(body.reason ? { reason: body.reason } : {}),
      }
      return asDetail(target)
    }
    target.plan = plan.name
    target.max_employees = plan.max_employees
    target.max_storage_bytes = plan.max_storage_gb * GB
    target.subscription = {
      ...target.subscription,
      plan: plan.name,
      price_minor: price?.price_minor ?? 0,
      period,
    }
    return asDetail(target)
  })
  const own = new Map<string, Input<`${typeof ONE}/overrides`, 'patch'> & { at: number }>()
  const overridesOf = (company_id: string): Overrides => {
    const plan = planOf(company(company_id).plan, plans)
    const agreed = own.get(company_id)
    const limit = (plan_value: number, value: number | null | undefined) =>
      ({
        value: value ?? plan_value,
        plan_value,
        source: value == null ? 'plan' : 'override',
      }) as const
    const feature = (plan_value: boolean, value: boolean | null | undefined) =>
      ({
        value: value ?? plan_value,
        plan_value,
        source: value == null ? 'plan' : 'override',
      }) as const
    return {
      plan: plan.name,
      max_employees: limit(plan.max_employees, agreed?.max_employees),
      max_storage_gb: limit(plan.max_storage_gb, agreed?.max_storage_gb),
      retention_days: limit(plan.retention_days, agreed?.retention_days),
      history_days: limit(plan.history_days, agreed?.history_days),
      screenshots: feature(plan.features.screenshots, agreed?.screenshots),
      api_access: feature(plan.features.api_access, agreed?.api_access),
      webhooks: feature(plan.features.webhooks, agreed?.webhooks),
      exports: feature(plan.features.exports, agreed?.exports),
      ...(agreed
        ? { reason: agreed.reason, changed_by: 'owner@demo.test', updated_at: now.toISOString() }
        : {}),
      version: `${agreed?.at ?? 0}.${plan.version}.${plan.id.slice(-4)}`,
    }
  }
  on('get', `${ONE}/overrides`, ({ token, path }) => {
    allow(token, 'OWNER')
    return overridesOf(path('company_id'))
  })
  on('patch', `${ONE}/overrides`, ({ token, path, body, seen }) => {
    allow(token, 'OWNER')
    const company_id = path('company_id')
    if (seen !== overridesOf(company_id).version) throw new Refusal(412, 'precondition_failed')
    const before = own.get(company_id)
    own.set(company_id, { ...before, ...body, at: (before?.at ?? 0) + 1 })
    const after = overridesOf(company_id)
    company(company_id).max_employees = after.max_employees.value
    return after
  })
  on('post', `${ONE}/suspend`, ({ token, path, body }) => {
    allow(token, 'OWNER')
    const target = company(path('company_id'))
    target.status = 'SUSPENDED'
    target.suspended_reason = body.reason
    return asDetail(target)
  })
  on('post', `${ONE}/reactivate`, ({ token, path }) => {
    allow(token, 'OWNER')
    const target = company(path('company_id'))
    target.status = 'ACTIVE'
    delete target.suspended_reason
    delete target.cancelled_at
    delete target.revocable_until
    return asDetail(target)
  })
  on('post', `${ONE}/withdraw-planned-change`, ({ token, path }) => {
    allow(token, 'OWNER')
    const target = company(path('company_id'))
    if (!target.planned_change) throw new Refusal(409, 'no_planned_change')
    delete target.planned_change
    return asDetail(target)
  })
  const oneMonthAfter = (start: Date) => {
    const end = new Date(start)
    end.setUTCMonth(end.getUTCMonth() + 1)
    return end.toISOString()
  }
  on('post', `${ONE}/activate`, ({ token, path }) => {
    allow(token, 'OWNER')
    const target = company(path('company_id'))
    if (target.status !== 'TRIAL') throw new Refusal(409, 'company_not_on_trial')
    target.status = 'ACTIVE'
    target.expires_at = oneMonthAfter(now)
    return asDetail(target)
  })
  on('post', `${ONE}/renew`, ({ token, path }) => {
    allow(token, 'OWNER')
    const target = company(path('company_id'))
    if (target.status !== 'ACTIVE') throw new Refusal(409, 'company_not_active')
    target.expires_at = oneMonthAfter(new Date(target.expires_at ?? now))
    return asDetail(target)
  })
  on('post', `${ONE}/cancel`, ({ token, path }) => {
    allow(token, 'OWNER')
    const target = company(path('company_id'))
    target.status = 'CANCELLED'
    target.cancelled_at = now.toISOString()
    target.revocable_until = new Date(now.getTime() + 30 * 86_400_000).toISOString()
    delete target.planned_change
    return asDetail(target)
  })
  on('post', `${ONE}/extend-trial`, ({ token, path, body }) => {
    allow(token, 'OWNER')
    const target = company(path('company_id'))
    target.status = 'TRIAL'
    target.trial_ends_at = body.until
    return asDetail(target)
  })
  on('post', `${ONE}/rotate-key`, ({ token, path, body }) => {
    allow(token, 'OWNER')
    checkPassword(body.password)
    const target = company(path('company_id'))
    const ends = new Date(now.getTime() + body.grace_days * 86_400_000).toISOString()
    target.key = {
      ...target.key,
      prefix: 'company_77b2',
      old_key_expires_at: ends,
      old_key_devices: target.key.devices,
      devices: 0,
    }
    target.fullKey = 'company_77b20000000000000000000000000001'
    return { company_key: target.fullKey, old_key_expires_at: ends }
  })
  on('post', `${ONE}/end-old-key`, ({ token, path, body }) => {
    allow(token, 'OWNER')
    checkPassword(body.password)
    const target = company(path('company_id'))
    const { old_key_expires_at, old_key_devices: _, ...key } = target.key
    if (!old_key_expires_at) throw new Refusal(409, 'no_old_key')
    target.key = key
    return asDetail(target)
  })
  const notes = new Map<string, Note[]>()
  const notesOf = (company_id: string) => notes.get(company(company_id).id) ?? []
  on('get', `${ONE}/notes`, ({ token, path }) => {
    allow(token, 'OWNER')
    return { items: notesOf(path('company_id')) }
  })
  on(
    'post',
    `${ONE}/notes`,
    ({ token, path, body }) => {
      allow(token, 'OWNER')
      const company_id = path('company_id')
      const before = notesOf(company_id)
      const note = {
        id: id('note', before.length + 1),
        text: body.text,
        author: 'owner@demo.test',
        is_own: true,
        created_at: now.toISOString(),
      }
      notes.set(company_id, [note, ...before])
      return note
    },
    201,
  )
  on(
    'delete',
    `${ONE}/notes/{note_id}`,
    ({ token, path }) => {
      allow(token, 'OWNER')
      const company_id = path('company_id')
      const rest = notesOf(company_id).filter((note) => note.id !== path('note_id'))
      notes.set(company_id, rest)
      return undefined
    },
    204,
  )
  on('post', `${ONE}/reveal-key`, ({ token, path, body }) => {
    allow(token, 'OWNER')
    checkPassword(body.password)
    return { company_key: company(path('company_id')).fullKey }
  })
  on('post', '/api/owner/plans/{plan_id}/simulate', ({ token, path, body }) => {
    allow(token, 'OWNER')
    const plan = planById(path('plan_id'))
    const seats = body.max_employees ?? plan.max_employees
    const bytes = (body.max_storage_gb ?? plan.max_storage_gb) * GB
    const on = companies.filter((one) => one.plan === plan.name && one.status !== 'CANCELLED')
    const beyond = on.filter((one) => one.employees_active > seats || one.storage_bytes > bytes)
    const month = (prices: typeof plan.prices) => prices[0]?.price_minor ?? 0
    const active = on.filter(({ status }) => status === 'ACTIVE').length
    return {
      companies: on.length,
      exceeding_count: beyond.length,
      exceeding: beyond.map(({ id, name, employees_active, storage_bytes, ...one }) => ({
        id,
        name,
        employees_active,
        storage_bytes,
        max_employees: seats,
        max_storage_bytes: bytes,
        exceeds_today:
          employees_active > one.max_employees || storage_bytes > one.max_storage_bytes,
      })),
      losing: FEATURES.filter((name) => plan.features[name] && body.features?.[name] === false).map(
        (feature) => ({ feature, companies: on.length }),
      ),
      mrr:
        active === 0
          ? []
          : [
              {
                currency: 'USD',
                companies: active,
                now_minor: active * month(plan.prices),
                then_minor: active * month(body.prices ?? plan.prices),
              },
            ],
    }
  })
  on('get', '/api/owner/audit/export', ({ token, query }) => {
    allow(token, 'OWNER')
    const rows = audit.filter(({ action }) => action.startsWith(query.get('action') ?? ''))
    const text = ['id,action', ...rows.map(({ id, action }) => `${id},${action}`)].join('\r\n')
    return new Picture({ type: 'text/csv', text })
  })
  const owners = makeOwners(now, people.OWNER)
  const ownerById = (key: string) => found(owners.find((owner) => owner.id === key))
  const invited = (owner: OwnerAccount) => ({
    owner: Object.assign(owner, { status: 'invited', invited_until: inADay }),
    invitation_url: 'http://127.0.0.1:8080/invite/fresh',
  })
  const inADay = new Date(now.getTime() + 86_400_000).toISOString()
  on('get', '/api/owner/owners', ({ token }) => {
    allow(token, 'OWNER')
    return { items: owners }
  })
  on(
    'post',
    '/api/owner/owners',
    ({ token, body: { email, name, password } }) => {
      allow(token, 'OWNER')
      checkPassword(password)
      if (owners.some((owner) => owner.email === email))
        throw new Refusal(409, 'owners_email_taken', { title: 'That is already taken.' })
      const made: OwnerAccount = {
        id: id('owner', 10 + owners.length),
        email,
        name,
        status: 'invited',
        has_two_factor: false,
        created_at: now.toISOString(),
      }
      owners.push(made)
      return invited(made)
    },
    201,
  )
  on('post', '/api/owner/owners/{owner_id}/repeat-invitation', ({ token, path, body }) => {
    allow(token, 'OWNER')
    checkPassword(body.password)
    return invited(ownerById(path('owner_id')))
  })
  for (const [act, joined, open] of [
    ['deactivate', 'deactivated', 'lapsed'],
    ['reactivate', 'active', 'lapsed'],
  ] as const)
    on('post', `/api/owner/owners/{owner_id}/${act}`, ({ token, path, body }) => {
      allow(token, 'OWNER')
      checkPassword(body.password)
      const owner = ownerById(path('owner_id'))
      owner.status = owner.last_seen_at ? joined : open
      return owner
    })
  on('get', '/api/owner/audit', ({ token, query }) => {
    allow(token, 'OWNER')
    const [actor, action, companies] = [
      query.get('actor') ?? '',
      query.get('action') ?? '',
      query.getAll('company_id'),
    ]
    const [from, to] = [query.get('from') ?? '', query.get('to') ?? '9']
    const items = audit.filter(
      (entry) =>
        entry.actor.includes(actor) &&
        entry.action.startsWith(action) &&
        (companies.length === 0 || companies.includes(entry.company?.id ?? '')) &&
        entry.at >= from &&
        entry.at < to,
    )
    return {
      items,
      next_cursor: null,
      ...(audit.length
        ? { head: { no: 5, hash: '9c1d'.repeat(16), sealed_at: now.toISOString() } }
        : {}),
    }
  })
  const inUse = (plan: PlanOfOwner) => ({
    ...plan,
    companies: companies.filter((one) => one.plan === plan.name && one.status !== 'CANCELLED')
      .length,
  })
  on('get', '/api/owner/plans', ({ token, query }) => {
    allow(token, 'OWNER')
    const status = query.get('status')
    const items = plans
      .filter(({ archived_at }) => !status || (status === 'archived') === Boolean(archived_at))
      .toSorted((a, b) => a.max_employees - b.max_employees)
    return { items: items.map(inUse) }
  })
  const freeName = (name: string, of?: PlanOfOwner) => {
    if (plans.some((plan) => plan.name === name && plan !== of))
      throw new Refusal(409, 'plans_name_taken', { title: 'That is already taken.' })
  }
  on(
    'post',
    '/api/owner/plans',
    ({ token, body }) => {
      allow(token, 'OWNER')
      freeName(body.name)
      const at = now.toISOString()
      const times = { version: 1, created_at: at, updated_at: at }
      const made = { id: id('plan', 10 + plans.length), ...body, ...times }
      plans.push(made)
      return made
    },
    201,
  )
  const planById = (key: string) => found(plans.find((plan) => plan.id === key))
  on('get', '/api/owner/plans/{plan_id}', ({ token, path }) => {
    allow(token, 'OWNER')
    return planById(path('plan_id'))
  })
  on('patch', '/api/owner/plans/{plan_id}', ({ token, path, body, seen }) => {
    allow(token, 'OWNER')
    const plan = planById(path('plan_id'))
    if (seen === undefined) throw new Refusal(428, 'precondition_required')
    if (seen !== String(plan.version)) throw new Refusal(412, 'precondition_failed')
    const { archived, features, ...terms } = body
    Object.assign(plan.features, features)
    freeName(terms.name ?? plan.name, plan)
    Object.assign(plan, terms, { version: plan.version + 1, updated_at: now.toISOString() })
    if (archived === true) plan.archived_at = now.toISOString()
    if (archived === false) delete plan.archived_at
    return plan
  })

  // --- reports
  const empty = options.empty ?? false
  on('get', '/api/owner/reports/overview', ({ token, query }) => {
    allow(token, 'OWNER')
    return overview(query, now, empty)
  })
  on('get', '/api/owner/reports/revenue', ({ token, query }) => {
    allow(token, 'OWNER')
    return revenue(query, now, rates, empty)
  })
  on('get', '/api/owner/reports/growth', ({ token, query }) => {
    allow(token, 'OWNER')
    return growth(query, now, empty)
  })
  on('get', '/api/owner/reports/plans', ({ token }) => {
    allow(token, 'OWNER')
    return plansReport(companies, now)
  })
  on('get', '/api/owner/reports/usage', ({ token }) => {
    allow(token, 'OWNER')
    return usage(companies, now)
  })
  on('get', '/api/owner/reports/export', ({ token, query }) => {
    allow(token, 'OWNER')
    const asked = [...query].map(([name, value]) => `${name},${value}`)
    return new Picture({ type: 'text/csv', text: `name,value\r\n${asked.join('\r\n')}\r\n` })
  })
  const RATE = '/api/owner/exchange-rates/{exchange_rate_id}'
  const rateAsSeen = (key: string, seen: string | undefined) => {
    const rate = found(rates.find((one) => one.id === key))
    if (seen === undefined) throw new Refusal(428, 'precondition_required')
    if (seen !== String(rate.version)) throw new Refusal(412, 'precondition_failed')
    return rate
  }
  on('get', '/api/owner/exchange-rates', ({ token }) => {
    allow(token, 'OWNER')
    return { items: rates.toSorted((a, b) => b.valid_from.localeCompare(a.valid_from)) }
  })
  on(
    'post',
    '/api/owner/exchange-rates',
    ({ token, body }) => {
      allow(token, 'OWNER')
      const same = (one: (typeof rates)[number]) =>
        one.from_currency === body.from_currency &&
        one.to_currency === body.to_currency &&
        one.valid_from === body.valid_from
      if (rates.some(same))
        throw new Refusal(409, 'exchange_rates_taken', { title: 'That is already taken.' })
      const at = now.toISOString()
      const made = { id: id('rate', rates.length + 1), ...body, version: 1, created_at: at }
      rates = [...rates, { ...made, updated_at: at, changed_by: 'owner@demo.test' }]
      return found(rates.at(-1))
    },
    201,
  )
  on('get', RATE, ({ token, path }) => {
    allow(token, 'OWNER')
    return found(rates.find((one) => one.id === path('exchange_rate_id')))
  })
  on('patch', RATE, ({ token, path, body, seen }) => {
    allow(token, 'OWNER')
    const rate = rateAsSeen(path('exchange_rate_id'), seen)
    return Object.assign(rate, body, { version: rate.version + 1 })
  })
  on('delete', RATE, ({ token, path, seen }) => {
    allow(token, 'OWNER')
    const rate = rateAsSeen(path('exchange_rate_id'), seen)
    rates = rates.filter((one) => one !== rate)
    return undefined
  })

  // --- the company's side
  const inThreeDays = new Date(now.getTime() + 72 * 3_600_000).toISOString()
  const person = (key: string) => found(employees.find((candidate) => candidate.id === key))
  const write = (token: string | undefined) => {
    allow(token, 'ADMIN')
    if (options.status && options.status !== 'ACTIVE' && options.status !== 'TRIAL')
      throw new Refusal(403, `company_${options.status.toLowerCase()}`)
  }
  on('get', '/api/employees', ({ token, query }) => {
    allow(token, 'ADMIN')
    const q = query.get('q')?.toLowerCase() ?? ''
    const [status, role, team] = ['status', 'role', 'team_id'].map((name) => query.get(name))
    const none = query.get('without_team') === 'true'
    const sort = query.get('sort') ?? 'name'
    const by = sort.replace('-', '') as keyof Employee
    const items = employees
      .filter(({ name, email }) => `${name} ${email}`.toLowerCase().includes(q))
      .filter((candidate) => !status || candidate.status === status)
      .filter((candidate) => !role || candidate.role === role)
      .filter(({ team_id }) => (!team && !none) || (none && !team_id) || team_id === team)
      .toSorted((a, b) => `${a[by] ?? ''}`.localeCompare(`${b[by] ?? ''}`, 'en', { numeric: true }))
    if (sort.startsWith('-')) items.reverse()
    return { items: options.empty ? items.slice(1) : items }
  })
  on(
    'post',
    '/api/employees',
    ({ token, body }) => {
      write(token)
      if (employees.some(({ email }) => email === body.email))
        throw new Refusal(409, 'users_email_taken', {
          title: 'That is already taken.',
          errors: [{ pointer: '/email', code: 'taken', detail: 'This person is here already.' }],
        })
      const made = id('person', 500 + employees.length)
      const { email, role } = body
      const name = body.name ?? ''
      employees.push({
        id: made,
        email,
        name,
        role,
        administers: [],
        status: 'invited',
        tracked_seconds_today: 0,
        devices: 0,
        created_at: now.toISOString(),
        expires_at: inThreeDays,
      })
      return {
        id: made,
        email,
        role,
        expires_at: inThreeDays,
        invitation_url: 'http://127.0.0.1:8080/invite/fresh',
      }
    },
    201,
  )
  on('get', '/api/employees/export', ({ token, query }) => {
    allow(token, 'ADMIN')
    const rows = employees.map(({ name, email }) => `${name},${email}`)
    const text = ['name,email', ...rows].join('\r\n')
    return query.get('format') === 'csv' ? new Picture({ type: 'text/csv', text }) : undefined
  })
  on(
    'post',
    '/api/employees/invite-many',
    ({ token, body }) => {
      write(token)
      const errors = body.people.flatMap(({ email }, at) => {
        const pointer = `/people/${at}/email`
        if (!email.includes('@'))
          return [{ pointer, code: 'email_invalid', detail: 'This is no e-mail address' }]
        if (employees.some((one) => one.email === email))
          return [{ pointer, code: 'users_email_taken', detail: 'This person is there already' }]
        return []
      })
      if (errors.length > 0) throw new Refusal(422, 'invalid', { errors })
      if (employees.length + body.people.length > 20)
        throw new Refusal(409, 'plan_employee_limit', {
          detail: 'The plan has 20 seats: 7 are left.',
        })
      for (const { email, name } of body.people)
        employees.push({
          id: id('person', 500 + employees.length),
          email,
          name: name ?? '',
          role: 'EMPLOYEE',
          administers: [],
          status: 'invited',
          tracked_seconds_today: 0,
          devices: 0,
          created_at: now.toISOString(),
          expires_at: inThreeDays,
        })
      return { invited: body.people.length, expires_at: inThreeDays, mail: 'sent' as const }
    },
    201,
  )
  on('post', '/api/employees/{employee_id}/resend-invitation', ({ token, path }) => {
    write(token)
    const { id: key, email, role } = person(path('employee_id'))
    return {
      id: key,
      email,
      role: role === 'ADMIN' ? ('ADMIN' as const) : ('EMPLOYEE' as const),
      expires_at: inThreeDays,
      invitation_url: 'http://127.0.0.1:8080/invite/fresh',
    }
  })
  on('post', '/api/employees/{employee_id}/revoke-invitation', ({ token, path }) => {
    write(token)
    employees.splice(employees.indexOf(person(path('employee_id'))), 1)
    return undefined
  })

  const devices = new Map<string, Device[]>()
  const devicesOf = (key: string): Device[] => {
    const { name, devices: many } = person(key)
    const known = devices.get(key) ?? makeDevices(name, many, now)
    devices.set(key, known)
    return known
  }
  on('get', '/api/employees/{employee_id}/devices', ({ token, path }) => {
    allow(token, 'ADMIN')
    return { items: devicesOf(path('employee_id')) }
  })
  on('post', '/api/employees/{employee_id}/devices/{device_id}/revoke', ({ token, path }) => {
    write(token)
    const device = devicesOf(path('employee_id')).find((one) => one.id === path('device_id'))
    found(device).revoked_at = now.toISOString()
    return { ended: 1 }
  })
  const mine = options.empty ? [] : makeDevices('mine', 3, now)
  const ownDevices = (token: string | undefined) => {
    allow(token, 'ADMIN', 'EMPLOYEE')
    return mine
  }
  on('get', '/api/me/devices', ({ token }) => ({ items: ownDevices(token) }))
  on('post', '/api/me/devices/{device_id}/revoke', ({ token, path }) => {
    const device = ownDevices(token).find((one) => one.id === path('device_id'))
    found(device).revoked_at = now.toISOString()
    return { ended: 1 }
  })
  on('get', '/api/employees/{employee_id}/sign-ins', ({ token, path }) => {
    allow(token, 'ADMIN')
    return { portals: 1, agents: person(path('employee_id')).devices }
  })
  const looksAt = new Map<string, AccessEntry[]>()
  /** What was looked at before, and in this world. */
  const looksOf = (key: string) => {
    const { name } = person(key)
    const earlier = (hours: number, kind: string): AccessEntry => ({
      at: new Date(now.getTime() - hours * 3_600_000).toISOString(),
      kind,
      day: today,
      viewer_name: people.ADMIN.name,
    })
    if (options.empty || !name) return []
    return [...(looksAt.get(key) ?? []), earlier(1, 'gallery'), earlier(2, 'timeline')]
  }
  on('get', '/api/employees/{employee_id}/access-entries', ({ token, path }) => {
    allow(token, 'ADMIN')
    return { items: looksOf(path('employee_id')) }
  })
  on('get', '/api/me/access-entries', ({ token }) => {
    const role = allow(token, 'ADMIN', 'EMPLOYEE')
    return { items: role === 'ADMIN' ? [] : looksOf(people.EMPLOYEE.id) }
  })

  // --- teams
  const asTeam = (team: (typeof teams)[number]) => {
    const members = employees.filter(({ team_id }) => team_id === team.id)
    const of = (status: string) => members.filter((one) => one.status === status).length
    const counts = { invited: of('invited'), deactivated_members: of('deactivated') }
    return { ...team, members: of('active'), leads: leadsOf(team.id), ...counts }
  }
  const team = (key: string) => found(teams.find((candidate) => candidate.id === key))
  const mustBeFree = (name: string) => {
    if (teams.some((one) => one.name.toLowerCase() === name.toLowerCase()))
      throw new Refusal(409, 'teams_name_taken', { title: 'That is already taken.' })
  }
  const leave = (key: string, who: (one: Employee) => boolean) => {
    for (const one of employees)
      if (one.team_id === key && who(one)) {
        delete one.team
        delete one.team_id
      }
  }
  const leads = new Map<string, string[]>()
  if (options.leads) {
    settings = { ...settings, leads_see: options.leads }
    for (const { id } of teams) leads.set(id, [people.EMPLOYEE.id])
    // One team of more people than sums need, and one of fewer.
    const [first] = teams
    for (const one of employees)
      if (first && !one.team_id && one.status === 'active')
        Object.assign(one, { team: first.name, team_id: first.id })
  }
  const [firstTeam] = teams
  serveOwnSettings(
    on,
    {
      now,
      zone,
      employees,
      teams,
      settings: () => settings,
      allow,
      write,
      me: (role) => people[role],
    },
    new Map(
      firstTeam ? [[firstTeam.id, { idle_threshold_seconds: 600, record_titles: false }]] : [],
    ),
  )
  const { named: leadsOf } = serveLedTeams(
    on,
    {
      today,
      zone,
      employees,
      teams,
      settings: () => settings,
      allow,
      write,
      me: (role) => people[role],
      look: (of, kind, day) => {
        const viewer_name = `${people.EMPLOYEE.name}, team lead`
        const entry = { at: now.toISOString(), kind, day, viewer_name }
        looksAt.set(of, [entry, ...(looksAt.get(of) ?? [])])
      },
    },
    leads,
  )
  on('get', '/api/teams', ({ token, query }) => {
    allow(token, 'ADMIN')
    const q = query.get('q')?.toLowerCase() ?? ''
    return { items: teams.filter(({ name }) => name.toLowerCase().includes(q)).map(asTeam) }
  })
  on(
    'post',
    '/api/teams',
    ({ token, body }) => {
      write(token)
      mustBeFree(body.name)
      const made = {
        id: id('team', teams.length + 10),
        name: body.name,
        created_at: now.toISOString(),
      }
      teams.push(made)
      return asTeam(made)
    },
    201,
  )
  on('post', '/api/teams/{team_id}/rename', ({ token, path, body }) => {
    write(token)
    mustBeFree(body.name)
    return asTeam(Object.assign(team(path('team_id')), { name: body.name }))
  })
  on('delete', '/api/teams/{team_id}', ({ token, path }) => {
    write(token)
    teams.splice(teams.indexOf(team(path('team_id'))), 1)
    leave(path('team_id'), () => true)
    return undefined
  })
  on('post', '/api/teams/{team_id}/members', ({ token, path, body }) => {
    write(token)
    const { id: team_id, name } = team(path('team_id'))
    for (const key of body.employee_ids) Object.assign(person(key), { team_id, team: name })
    return asTeam(team(team_id))
  })
  on('delete', '/api/teams/{team_id}/members/{employee_id}', ({ token, path }) => {
    write(token)
    leave(path('team_id'), (one) => one.id === path('employee_id'))
    return undefined
  })
  on('get', '/api/employees/{employee_id}', ({ token, path }) => {
    allow(token, 'ADMIN')
    return person(path('employee_id'))
  })
  on('post', '/api/employees/{employee_id}/deactivate', ({ token, path }) => {
    write(token)
    return Object.assign(person(path('employee_id')), { status: 'deactivated' })
  })
  on('post', '/api/employees/{employee_id}/reactivate', ({ token, path }) => {
    write(token)
    return Object.assign(person(path('employee_id')), { status: 'active' })
  })
  on('post', '/api/employees/{employee_id}/change-role', ({ token, path, body }) => {
    write(token)
    checkPassword(body.password)
    const { role, team_ids = [] } = body
    if (role === 'TEAM_ADMIN' && team_ids.length === 0) throw new Refusal(422, 'teams_missing')
    return Object.assign(person(path('employee_id')), { role, administers: team_ids })
  })
  on('post', '/api/employees/{employee_id}/end-sign-ins', ({ token, path }) => {
    write(token)
    person(path('employee_id'))
    return { ended: 2 }
  })
  on('post', '/api/employees/{employee_id}/end-two-factor', ({ token, path, body }) => {
    write(token)
    checkPassword(body.password)
    if (person(path('employee_id')).name.startsWith('Carla'))
      throw new Refusal(409, 'two_factor_off')
    return { ended: 2 }
  })
  const policy = () => ({
    two_factor_required: requiresTwoFactor,
    people: employees.length,
    people_with_two_factor: Math.min(employees.length, twoFactor.enabled ? 8 : 7),
  })
  const { changeLook } = serveBranding(on, { now, allow, write, look })
  on('get', '/api/settings', ({ token }) => {
    allow(token, 'ADMIN')
    return settings
  })
  on('patch', '/api/settings', ({ token, body, seen }) => {
    write(token)
    if (seen === undefined) throw new Refusal(428, 'precondition_required')
    const { version, plan_has_screenshots, max_retention_days: most } = settings
    if (seen !== `${version}-${plan_has_screenshots}-${most}`)
      throw new Refusal(412, 'precondition_failed')
    const wrong = body.redaction_rules?.findIndex((rule) => rule.includes('(')) ?? -1
    if (wrong >= 0)
      throw new Refusal(422, 'invalid', {
        errors: [
          {
            pointer: `/redaction_rules/${wrong}`,
            code: 'redaction_rule_invalid',
            detail: 'This is no regular expression, or one that is too large',
          },
        ],
      })
    for (const name of ['screenshot_retention_days', 'usage_retention_days'] as const)
      if ((body[name] ?? 0) > Math.max(most, settings[name])) {
        const detail = `The company's plan keeps records for at most ${most} days`
        const errors = [{ pointer: `/${name}`, code: 'retention_above_plan', detail }]
        throw new Refusal(422, 'invalid', { errors })
      }
    changeSettings(body)
    return settings
  })
  on('get', '/api/settings/retention-preview', ({ token, query }) => {
    allow(token, 'ADMIN')
    const screenshotDays = Number(query.get('screenshot_retention_days'))
    const usageDays = Number(query.get('usage_retention_days'))
    const tomorrow = addDays(today, 1)
    const screenshots = options.empty ? 0 : Math.max(0, 97 - screenshotDays) * 172
    return {
      at: dayStart(tomorrow, zone).toISOString(),
      screenshots,
      screenshot_bytes: screenshots * 260_000,
      screenshots_before: addDays(tomorrow, -screenshotDays),
      usage_entries: options.empty ? 0 : Math.max(0, 366 - usageDays) * 4_820,
      usage_before: addDays(tomorrow, -usageDays),
    }
  })
  on('get', '/api/sign-in-policy', ({ token }) => {
    allow(token, 'ADMIN')
    return policy()
  })
  on('post', '/api/sign-in-policy', ({ token, body }) => {
    write(token)
    checkPassword(body.password)
    checkCode(body.code)
    requiresTwoFactor = body.two_factor_required
    twoFactor.required = requiresTwoFactor
    return policy()
  })
  on('post', '/api/company-key/reveal', ({ token, body }) => {
    allow(token, 'ADMIN')
    checkPassword(body.password)
    return { company_key: 'company_3fa90000000000000000000000000001' }
  })
  on('get', '/api/owner/erasures', ({ token }) => {
    allow(token, 'OWNER')
    return { items: erasures.map(({ tables: _, certificate: __, sha256: ___, ...one }) => one) }
  })
  on('get', '/api/owner/erasures/{company_id}', ({ token, path }) => {
    allow(token, 'OWNER')
    return found(erasures.find((one) => one.company_id === path('company_id')))
  })
  on('get', '/api/removals', ({ token }) => {
    allow(token, 'ADMIN')
    for (const one of removals) one.removed_at ??= now.toISOString()
    return { items: removals }
  })
  on(
    'post',
    '/api/removals',
    ({ token, body }) => {
      write(token)
      checkPassword(body.password)
      employees.splice(employees.indexOf(person(body.employee_id)), 1)
      const made = {
        id: id('removal', removals.length + 1),
        employee_id: body.employee_id,
        requested_by: people.ADMIN.name,
        requested_at: now.toISOString(),
        rows: 0,
        objects: 0,
      }
      removals.unshift(made)
      return { ...made }
    },
    201,
  )
  // Each look finds it further.
  const goOn = <T extends { state: string; items: number; items_done: number }>(files: T[]) => {
    for (const one of files.filter(({ state }) => state === 'queued' || state === 'running')) {
      const items_done = Math.min(one.items, one.items_done + one.items / 2)
      Object.assign(one, { state: 'running', items_done })
      if (items_done === one.items) Object.assign(one, readyExport(now))
    }
    return { items: files.map((one) => ({ ...one })) }
  }
  on('get', '/api/me/exports', ({ token }) => {
    allow(token, 'ADMIN', 'EMPLOYEE')
    return goOn(ownExports)
  })
  on(
    'post',
    '/api/me/exports',
    ({ token, body }) => {
      allow(token, 'ADMIN', 'EMPLOYEE')
      checkPassword(body.password)
      if (twoFactor.enabled) checkCode(body.code)
      const made = newOwnExport(ownExports.length + 1, now)
      ownExports.unshift(made)
      return { ...made }
    },
    201,
  )
  on('get', '/api/exports', ({ token }) => {
    allow(token, 'ADMIN')
    return goOn(exports)
  })
  on(
    'post',
    '/api/exports',
    ({ token, body }) => {
      allow(token, 'ADMIN')
      checkPassword(body.password)
      const made = newExport(exports.length + 1, people.ADMIN.name, now)
      exports.unshift(made)
      return { ...made }
    },
    201,
  )
  on(
    'post',
    '/api/cancellations',
    ({ token, body }) => {
      allow(token, 'ADMIN')
      checkPassword(body.password)
      const erased_from = new Date(now.getTime() + 30 * 86_400_000).toISOString()
      Object.assign(people.ADMIN.company ?? {}, { status: 'CANCELLED', erased_from })
      return { cancelled_at: now.toISOString(), erased_from }
    },
    201,
  )
  on('get', '/api/api-tokens', ({ token }) => {
    allow(token, 'ADMIN')
    return { items: apiTokens }
  })
  on(
    'post',
    '/api/api-tokens',
    ({ token, body }) => {
      write(token)
      checkPassword(body.password)
      const made = {
        id: id('token', 100 + apiTokens.length),
        name: body.name,
        scopes: body.scopes,
        expires_at: new Date(now.getTime() + body.expires_in_days * 86_400_000).toISOString(),
      }
      const about = { prefix: 'ept_n3W4t0k3', status: 'active', created_by: people.ADMIN.name }
      apiTokens.unshift({ ...made, ...about, created_at: now.toISOString() })
      return { ...made, token: `ept_n3W4t0k3${'x'.repeat(50)}` }
    },
    201,
  )
  on('delete', '/api/api-tokens/{token_id}', ({ token, path }) => {
    write(token)
    const target = found(apiTokens.find((candidate) => candidate.id === path('token_id')))
    Object.assign(target, { status: 'revoked', revoked_at: now.toISOString() })
    return undefined
  })
  on('get', '/api/usage/today', ({ token }) => {
    allow(token, 'ADMIN', 'EMPLOYEE')
    const scale = options.empty ? 0 : 1
    return {
      day: today,
      time_zone: zone,
      working_now: 8 * scale,
      idle_now: 2 * scale,
      private_now: 1 * scale,
      offline_now: options.empty ? 2 : 3,
      tracked_seconds: 203_940 * scale,
      active_seconds: 176_400 * scale,
      people: 11 * scale,
      tracked_seconds_last_week: 196_020 * scale,
      tracked_seconds_last_week_until_now: 168_300 * scale,
      as_of: new Date(now.getTime() - 8_000).toISOString(),
    }
  })
  const people_now = makeLive(
    options.empty ? employees.slice(1, 2) : employees,
    options.crowd ?? 0,
    now,
  )
  on('get', '/api/live', ({ token, query }) => {
    allow(token, 'ADMIN')
    const team = teams.find(({ id }) => id === query.get('team_id'))?.name
    const items = people_now
      .filter((person) => !query.has('team_id') || (team && person.team === team))
      .filter((person) => !query.has('without_team') || !person.team)
    const counts = { working: 0, idle: 0, private: 0, offline: 0 }
    for (const { state } of items) counts[state] += 1
    return { counts, items, day: today, time_zone: zone }
  })
  on('get', '/api/usage/daily', ({ token, query }) => {
    const role = allow(token, 'ADMIN', 'EMPLOYEE')
    const [from, to] = [query.get('from') ?? today, query.get('to') ?? today]
    const heads = role === 'EMPLOYEE' || query.has('user_id') ? 1 : 11
    return { items: options.empty ? [] : makeDaily(heads, from, to, today), time_zone: zone }
  })
  on('get', '/api/overview/days', ({ token, query }) => {
    allow(token, 'ADMIN')
    const [from, to] = [query.get('from') ?? today, query.get('to') ?? today]
    return makeOverview(options.empty ? [] : teams, settings, [from, to, today], zone)
  })
  on('get', '/api/overview/hours', ({ token, query }) => {
    allow(token, 'ADMIN')
    const [from, to] = [query.get('from') ?? today, query.get('to') ?? today]
    return makeOverviewHours(options.empty ? 0 : 11, [from, to, today], zone)
  })
  on('get', '/api/overview/devices', ({ token }) => {
    allow(token, 'ADMIN')
    return makeDeviceProblems(options.empty ? [] : employees, addDays(today, -1), now)
  })
  let dismissed = !options.empty
  const firstSteps = (): Answer<'/api/overview/first-steps'> => {
    const names = [
      'settings_seen',
      'first_invitation',
      'key_revealed',
      'first_agent',
      'first_day',
      'first_report',
    ] as const
    const done = options.empty ? 2 : 6
    return { steps: names.map((name, at) => ({ name, done: at < done })), dismissed }
  }
  on('get', '/api/overview/first-steps', ({ token }) => {
    allow(token, 'ADMIN')
    return firstSteps()
  })
  on('post', '/api/overview/first-steps/dismiss', ({ token }) => {
    allow(token, 'ADMIN')
    dismissed = true
    return firstSteps()
  })
  on('post', '/api/overview/first-steps/restore', ({ token }) => {
    allow(token, 'ADMIN')
    dismissed = false
    return firstSteps()
  })
  on('get', '/api/usage/apps', ({ token }) => {
    allow(token, 'ADMIN', 'EMPLOYEE')
    const items = APP_TOTALS.map(([app, seconds]) => ({ app, seconds }))
    return { items: options.empty ? [] : items }
  })
  on('get', '/api/usage/hosts', ({ token }) => {
    allow(token, 'ADMIN', 'EMPLOYEE')
    const items = HOST_TOTALS.map(([host, seconds]) => ({ host, seconds }))
    return { items: options.empty ? [] : items }
  })
  const workSessions = options.empty ? [] : makeSessions(employees, zone, now)
  const sessionsOf = (role: Role, query: URLSearchParams) => {
    const q = query.get('q')?.toLowerCase() ?? ''
    const [end, excluded] = [query.get('end'), query.get('excluded')]
    const task_id = query.get('task_id')
    return workSessions
      .filter(({ user_id }) => role === 'ADMIN' || user_id === people.EMPLOYEE.id)
      .filter(({ user_name }) => user_name.toLowerCase().includes(q))
      .filter(({ end_reason }) => !end || (end_reason ?? 'running') === end)
      .filter(({ excluded_at }) => !excluded || String(Boolean(excluded_at)) === excluded)
      .map((session): WorkSession => {
        const task = taskAt(role, session.user_id, session.started_at)
        return task ? { ...session, task } : session
      })
      .filter(({ task }) => !task_id || task?.id === task_id)
      .filter(({ task }) => !query.has('without_task') || !task)
  }
  on('get', '/api/work-sessions/export', ({ token, query }) => {
    const rows = sessionsOf(allow(token, 'ADMIN'), query).map(
      ({ user_name, task }) => `${user_name},${task?.title ?? ''}`,
    )
    return new Picture({ type: 'text/csv', text: ['employee,task', ...rows].join('\r\n') })
  })
  on('get', '/api/work-sessions', ({ token, query }) => {
    const matching = sessionsOf(allow(token, 'ADMIN', 'EMPLOYEE'), query)
    const at = Number(query.get('cursor')?.replace('at-', '') ?? 0)
    const next_cursor = at + 50 < matching.length ? `at-${at + 50}` : null
    return { items: matching.slice(at, at + 50), next_cursor }
  })
  type SessionChange = WorkSession['changes'][number]
  const changeSession = (
    key: string,
    kind: string,
    reason: string,
    cut: Partial<SessionChange> = {},
  ) => {
    const session = found(workSessions.find((one) => one.id === key))
    const [counts, without] = [27_000, 27_000 - session.tracked_seconds]
    const grows = kind === 'included' || kind === 'restored'
    const [before, after] = grows ? [without, counts] : [counts, without]
    session.changes.unshift({
      id: id('change', session.changes.length),
      kind,
      reason,
      actor_name: people.ADMIN.name,
      at: now.toISOString(),
      tracked_seconds_before: before,
      tracked_seconds_after: after,
      active_seconds_before: before,
      active_seconds_after: after,
      ...(session.counted_from ? { counted_from_before: session.counted_from } : {}),
      ...(session.counted_to ? { counted_to_before: session.counted_to } : {}),
      ...cut,
    })
    if (kind === 'excluded' || kind === 'deleted') session.excluded_at = now.toISOString()
    if (kind === 'included') delete session.excluded_at
    if (kind === 'cut' || kind === 'restored') {
      delete session.counted_from
      delete session.counted_to
      if (cut.counted_from_after) session.counted_from = cut.counted_from_after
      if (cut.counted_to_after) session.counted_to = cut.counted_to_after
    }
    if (kind === 'deleted')
      Object.assign(session, {
        deleted_at: now.toISOString(),
        tracked_seconds: 0,
        active_seconds: 0,
      })
    return { ...session }
  }
  on('post', '/api/work-sessions/{work_session_id}/exclude', ({ token, path, body }) => {
    allow(token, 'ADMIN')
    return changeSession(path('work_session_id'), 'excluded', body.reason)
  })
  on('post', '/api/work-sessions/{work_session_id}/include', ({ token, path, body }) => {
    allow(token, 'ADMIN')
    return changeSession(path('work_session_id'), 'included', body.reason)
  })
  on('post', '/api/work-sessions/{work_session_id}/cut', ({ token, path, body }) => {
    allow(token, 'ADMIN')
    const { from, to, reason } = body
    const session = found(workSessions.find((one) => one.id === path('work_session_id')))
    const outside = [from, to].some(
      (at) => at && (at <= session.started_at || at >= (session.ended_at ?? '9')),
    )
    if ((!from && !to) || outside) {
      const code = outside ? 'work_session_cut_outside' : 'work_session_cut_empty'
      const detail = outside
        ? 'What counts of a session lies within what was recorded'
        : 'Something is cut off, and something left'
      throw new Refusal(422, 'invalid', { errors: [{ pointer: '/to', code, detail }] })
    }
    return changeSession(session.id, 'cut', reason, {
      ...(from ? { counted_from_after: from } : {}),
      ...(to ? { counted_to_after: to } : {}),
    })
  })
  on('post', '/api/work-sessions/{work_session_id}/restore', ({ token, path, body }) => {
    allow(token, 'ADMIN')
    return changeSession(path('work_session_id'), 'restored', body.reason)
  })
  on('post', '/api/work-sessions/{work_session_id}/delete', ({ token, path, body }) => {
    allow(token, 'ADMIN')
    return changeSession(path('work_session_id'), 'deleted', body.reason)
  })
  const somebody = employees[3] ?? { id: id('employee', 4), name: 'Somebody' }
  const companyAudit = options.empty
    ? []
    : makeCompanyAudit(now, people.ADMIN, { id: somebody.id, name: somebody.name })
  const auditOf = (query: URLSearchParams) =>
    companyAudit
      .filter(({ kind }) => kind === (query.get('kind') ?? kind))
      .filter(({ actor }) => actor.toLowerCase().includes(query.get('actor')?.toLowerCase() ?? ''))
      .filter(({ action }) => action.startsWith(query.get('action') ?? ''))
      .filter(({ subject }) => !query.has('user_id') || subject?.id === query.get('user_id'))
      .filter(({ at }) => at >= (query.get('from') ?? '') && at < `${query.get('to') ?? '9'}T~`)
  const seal = { no: 5, hash: '7e2b'.repeat(16), sealed_at: now.toISOString() }
  on('get', '/api/audit', ({ token, query }) => {
    allow(token, 'ADMIN')
    const head = companyAudit.length > 0 ? { head: seal } : {}
    return { items: auditOf(query), next_cursor: null, ...head }
  })
  on('get', '/api/audit/export', ({ token, query }) => {
    allow(token, 'ADMIN')
    const rows = auditOf(query).map(({ id, action }) => `${id},${action}`)
    return new Picture({ type: 'text/csv', text: ['id,action', ...rows].join('\r\n') })
  })
  on('get', '/api/audit/verification', ({ token, query }) => {
    allow(token, 'ADMIN')
    const noted = query.get('noted')
    const isOther = noted !== null && noted !== `${seal.no}:${seal.hash}`
    const findings = isOther ? ['seal 5 is not the one that was noted'] : []
    return { from: 1, sealed: 5, removed: 1, findings }
  })
  const usageOf = (query: URLSearchParams): Answer<'/api/usage'> => {
    const by = query.get('by') ?? 'app'
    const [app, host, category, team] = ['app', 'host', 'category', 'team_id'].map((name) =>
      query.get(name),
    )
    const [from, to] = [query.get('from') ?? today, query.get('to') ?? today]
    const names =
      by === 'app' || app
        ? APP_TOTALS
        : by === 'host' || host
          ? HOST_TOTALS
          : by === 'category' || category
            ? CATEGORY_TOTALS
            : [['tracked', 620_000] as const]
    const there = employees
      .filter(({ status }) => status !== 'invited' && !options.empty)
      .filter(({ id }) => id === (query.get('user_id') ?? id))
      .filter(({ team_id }) => team_id === (team ?? team_id))
      .filter(({ team_id }) => !query.has('without_team') || !team_id)
    const last = to < today ? to : today
    const uses = makeUse(there, names, [from, last]).filter(
      ({ name }) => name === (app ?? host ?? category ?? name),
    )
    const rows = new Map<string, { id?: string; name: string; seconds: number; who: Set<string> }>()
    for (const { person, name, seconds } of uses) {
      const own =
        by === 'person'
          ? { id: person.id, name: person.name }
          : by === 'team'
            ? { ...(person.team_id && { id: person.team_id }), name: person.team ?? '' }
            : { name }
      const row = rows.get(own.id ?? own.name) ?? { ...own, seconds: 0, who: new Set() }
      rows.set(own.id ?? own.name, row)
      row.seconds += seconds
      row.who.add(person.id)
    }
    const days = new Map<string, number>()
    for (const { day, seconds } of uses) days.set(day, (days.get(day) ?? 0) + seconds)
    const sort = query.get('sort') ?? '-seconds'
    const column = sort.replace('-', '') as 'seconds' | 'people' | 'name'
    const items = [...rows.values()]
      .filter(({ name }) => name.toLowerCase().includes(query.get('q')?.toLowerCase() ?? ''))
      .map(({ who, ...row }) => ({ ...row, people: who.size }))
      .toSorted((a, b) => `${a[column]}`.localeCompare(`${b[column]}`, 'en', { numeric: true }))
    if (sort.startsWith('-')) items.reverse()
    return {
      items,
      days: [...days].map(([day, seconds]) => ({ day, seconds })),
      total_seconds: uses.reduce((sum, { seconds }) => sum + seconds, 0),
      from,
      to,
      time_zone: zone,
    }
  }
  const usageFor = (token: string | undefined, query: URLSearchParams) => {
    const role = allow(token, 'ADMIN', 'EMPLOYEE')
    const of = new URLSearchParams(query)
    if (role === 'EMPLOYEE') of.set('user_id', people[role].id)
    return usageOf(of)
  }
  on('get', '/api/usage', ({ token, query }) => usageFor(token, query))
  on('get', '/api/usage/export', ({ token, query }) => {
    const rows = usageFor(token, query).items.map(({ name, seconds }) => `${name},${seconds}`)
    return new Picture({ type: 'text/csv', text: ['name,seconds', ...rows].join('\r\n') })
  })
  const reportOf = (token: string | undefined, query: URLSearchParams) => {
    const role = allow(token, 'ADMIN', 'EMPLOYEE')
    const of = new URLSearchParams(query)
    if (role === 'EMPLOYEE') {
      if ((of.get('user_id') ?? people[role].id) !== people[role].id)
        throw new Refusal(404, 'not_found')
      of.set('user_id', people[role].id)
    }
    const there = options.empty ? [] : employees.filter(({ status }) => status !== 'invited')
    return companyReport({ people: there, query: of, today, zone })
  }
  on('get', '/api/reports', ({ token, query }) => reportOf(token, query))
  on('get', '/api/reports/export', ({ token, query }) => {
    const { columns, items } = reportOf(token, query)
    const head = ['group', ...columns.map(({ key }) => key)].join(',')
    const rows = items.map(({ group, values }) => [group.name ?? group.day, ...values].join(','))
    return new Picture({ type: 'text/csv', text: [head, ...rows].join('\r\n') })
  })
  const savedReports: SavedReport[] = options.empty ? [] : makeSavedReports(now)
  const savedReport = (wanted: string, seen?: string) => {
    const found = savedReports.find(({ id }) => id === wanted)
    if (!found) throw new Refusal(404, 'not_found')
    if (seen !== undefined && seen !== `${found.version}`)
      throw new Refusal(412, 'precondition_failed')
    return found
  }
  on('get', '/api/saved-reports', ({ token }) => {
    allow(token, 'ADMIN')
    return { items: savedReports, next_cursor: null }
  })
  on(
    'post',
    '/api/saved-reports',
    ({ token, body }) => {
      allow(token, 'ADMIN')
      if (savedReports.some(({ name, is_mine }) => is_mine && name === body.name))
        throw new Refusal(409, 'saved_reports_name_taken')
      const made: SavedReport = {
        id: id('saved report', savedReports.length + 1),
        name: body.name,
        report: body.report,
        shared: body.shared ?? false,
        is_mine: true,
        created_by: people.ADMIN.name,
        updated_at: now.toISOString(),
        version: 1,
      }
      savedReports.unshift(made)
      return made
    },
    201,
  )
  on('patch', '/api/saved-reports/{saved_report_id}', ({ token, path, body, seen }) => {
    allow(token, 'ADMIN')
    const saved = savedReport(path('saved_report_id'), seen ?? '')
    if (!saved.is_mine) throw new Refusal(403, 'forbidden')
    return Object.assign(saved, body, { version: saved.version + 1 })
  })
  on(
    'delete',
    '/api/saved-reports/{saved_report_id}',
    ({ token, path }) => {
      allow(token, 'ADMIN')
      savedReports.splice(savedReports.indexOf(savedReport(path('saved_report_id'))), 1)
      return undefined
    },
    204,
  )
  on('put', '/api/saved-reports/{saved_report_id}/schedule', ({ token, path, body, seen }) => {
    allow(token, 'ADMIN')
    const saved = savedReport(path('saved_report_id'), seen ?? '')
    const next_at = new Date(now.getTime() + 3 * 86_400_000).toISOString()
    return Object.assign(saved, { schedule: { ...body, next_at }, version: saved.version + 1 })
  })
  on('delete', '/api/saved-reports/{saved_report_id}/schedule', ({ token, path }) => {
    allow(token, 'ADMIN')
    const saved = savedReport(path('saved_report_id'))
    delete saved.schedule
    saved.version += 1
    return saved
  })
  const reportFiles: ReportFile[] = []
  const reportFile = (wanted: string) => {
    const found = reportFiles.find(({ id }) => id === wanted)
    if (!found) throw new Refusal(404, 'not_found')
    return found
  }
  on('get', '/api/report-files', ({ token }) => {
    allow(token, 'ADMIN')
    const items = reportFiles.map((file) => ({ ...file }))
    // Each look finds it further.
    for (const file of reportFiles) {
      if (file.state === 'running')
        Object.assign(file, {
          state: 'ready',
          parts_done: 4,
          bytes: 48_210,
          expires_at: new Date(now.getTime() + 86_400_000).toISOString(),
        })
      if (file.state === 'queued') Object.assign(file, { state: 'running', parts_done: 1 })
    }
    return { items, next_cursor: null }
  })
  on(
    'post',
    '/api/report-files',
    ({ token, body }) => {
      allow(token, 'ADMIN')
      const made: ReportFile = {
        id: id('report file', reportFiles.length + 1),
        ...body,
        state: 'queued',
        is_mine: true,
        parts: 4,
        parts_done: 0,
        created_at: now.toISOString(),
      }
      reportFiles.unshift(made)
      return made
    },
    201,
  )
  on('get', '/api/report-files/{report_file_id}', ({ token, path }) => {
    allow(token, 'ADMIN')
    return reportFile(path('report_file_id'))
  })
  on('get', '/api/report-files/{report_file_id}/file', ({ token, path }) => {
    allow(token, 'ADMIN')
    if (reportFile(path('report_file_id')).state !== 'ready') throw new Refusal(404, 'not_found')
    return new Picture({ type: 'text/csv', text: 'person,tracked_seconds\r\nAda Brandt,3600' })
  })
  on('get', '/api/timeline', ({ token, query }) => {
    const role = allow(token, 'ADMIN', 'EMPLOYEE')
    const asked = query.get('user_id') ?? people[role].id
    const isLed =
      settings.leads_see === 'people' &&
      leads.get(person(asked).team_id ?? '')?.includes(people[role].id)
    if (role === 'EMPLOYEE' && asked !== people[role].id && !isLed)
      throw new Refusal(404, 'not_found')
    const asLead = role === 'EMPLOYEE' && asked !== people[role].id
    const made = makeTimeline(person(asked), query.get('day') ?? today, zone, now)
    const there = new Set(
      shotsOn(person(asked), made.day)
        .filter(({ deletion }) => !deletion)
        .map(({ id }) => id),
    )
    if (!options.empty)
      return {
        ...made,
        ...manualOn(asked, made),
        screenshots: asLead
          ? []
          : made.screenshots
              .filter(({ id }) => there.has(id))
              .map((shot) => {
                const task = taskOf(made, shot.taken_at, (user, at) => taskAt(role, user, at))
                return task ? { ...shot, task } : shot
              }),
      }
    const nothing = {
      tracked_seconds: 0,
      active_seconds: 0,
      idle_seconds: 0,
      manual_seconds: 0,
      explained_seconds: 0,
    }
    const lists = {
      sessions: [],
      private: [],
      manual: [],
      segments: [],
      slots: [],
      applications: [],
    }
    return { ...made, ...nothing, ...lists, websites: [], screenshots: [] }
  })

  const ofRecords = {
    now,
    zone,
    empty: options.empty ?? false,
    employees,
    allow,
    active: () => {
      if (options.status && options.status !== 'ACTIVE' && options.status !== 'TRIAL')
        throw new Refusal(403, `company_${options.status.toLowerCase()}`)
    },
    me: (role: Role) => people[role],
  }
  serveDisputes(on, ofRecords)
  const manualOn = serveManualTimes(on, { ...ofRecords, settings: () => settings })

  // --- screenshots
  const deletions = new Map<string, GalleryShot['deletion']>()
  /** Whose each picture is that was listed. */
  const seenShots = new Map<string, GalleryShot>()
  const shotsOn = (who: Employee, day: string, role: Role = 'ADMIN') => {
    if (options.empty || who.status !== 'active') return []
    const at = (user: string, started_at: string) => taskAt(role, user, started_at)
    const shots = shotsOf(makeTimeline(who, day, zone, now), deletions, at)
    for (const shot of shots) seenShots.set(shot.id, shot)
    return shots
  }
  const whose = (token: string | undefined, query: URLSearchParams) => {
    const role = allow(token, 'ADMIN', 'EMPLOYEE')
    const [user, team] = [query.get('user_id'), query.get('team_id')]
    if (role === 'EMPLOYEE' && user && user !== people.EMPLOYEE.id)
      throw new Refusal(404, 'not_found')
    if (user || !team) return [person(user ?? people[role].id)]
    return employees.filter(({ team_id }) => team_id === team)
  }
  const flagOf = (text: string | null) => (text === null ? undefined : text === 'true')
  on('get', '/api/screenshots', ({ token, query }) => {
    const day = query.get('day') ?? today
    const [blurred, deleted] = ['blurred', 'deleted'].map((name) => flagOf(query.get(name)))
    const all = whose(token, query)
      .flatMap((who) => shotsOn(who, day, allow(token, 'ADMIN', 'EMPLOYEE')))
      .filter((shot) => blurred === undefined || shot.blurred === blurred)
      .filter(({ deletion }) => deleted === undefined || Boolean(deletion) === deleted)
      .filter(
        ({ tracked_seconds, active_seconds }) =>
          !query.has('low_activity') || active_seconds * 5 < tracked_seconds,
      )
      .toSorted((a, b) => a.taken_at.localeCompare(b.taken_at))
    const [begin, limit] = [Number(query.get('cursor') ?? 0), Number(query.get('limit') ?? 50)]
    const { from, to } = makeTimeline(person(people.ADMIN.id), day, zone, now)
    return {
      day,
      time_zone: zone,
      from,
      to,
      originals_shown: settings.originals_shown,
      own_may_be_deleted: settings.employees_may_delete_screenshots,
      items: all.slice(begin, begin + limit),
      next_cursor: begin + limit < all.length ? String(begin + limit) : null,
    }
  })
  on('get', '/api/screenshots/days', ({ token, query }) => {
    const [from = today, to = today] = [query.get('from') ?? today, query.get('to') ?? today]
    const who = whose(token, query)
    const days: { day: string; screenshots: number }[] = []
    for (let day = from; day <= to; day = addDays(day, 1)) {
      const screenshots = who.flatMap((one) => shotsOn(one, day)).length
      if (screenshots > 0) days.push({ day, screenshots })
    }
    return { from, to, items: days }
  })
  on('get', '/api/screenshots/slots', ({ token, query }) => {
    const day = query.get('day') ?? today
    const who = whose(token, query).filter(({ status }) => status === 'active')
    const days = (options.empty ? [] : who).map((one) => ({
      name: one.name,
      slots: gallerySlots(makeTimeline(one, day, zone, now), shotsOn(one, day), now),
    }))
    const isTeam = query.has('team_id') && !query.has('user_id')
    const items = isTeam ? slotsTogether(days) : days.flatMap(({ slots }) => slots)
    return { day, time_zone: zone, items }
  })
  const mayBeSharp = (role: Role, shot: GalleryShot | undefined) =>
    !shot || shot.blurred || shot.user_id === people[role].id
  on('get', '/api/screenshots/{screenshot_id}/thumbnail', ({ token, path }) => {
    const key = path('screenshot_id')
    const shot = seenShots.get(key)
    const isSharp = mayBeSharp(allow(token, 'ADMIN', 'EMPLOYEE'), shot)
    const text = makeImage(key, true, shot?.blurred || !isSharp)
    return new Picture({ type: 'image/svg+xml', text })
  })
  on('get', '/api/screenshots/{screenshot_id}/image', ({ token, path }) => {
    const key = path('screenshot_id')
    const shot = seenShots.get(key)
    if (!mayBeSharp(allow(token, 'ADMIN', 'EMPLOYEE'), shot))
      throw new Refusal(403, 'reason_required', { title: 'Say why you want to see it.' })
    return new Picture({ type: 'image/svg+xml', text: makeImage(key, false, shot?.blurred) })
  })
  on('post', '/api/screenshots/{screenshot_id}/original', ({ token, path, body }) => {
    write(token)
    const shot = found(seenShots.get(path('screenshot_id')))
    if (!settings.originals_shown)
      throw new Refusal(403, 'originals_not_shown', { title: 'The company shows no originals.' })
    const look = { kind: 'screenshot', day: today, viewer_name: people.ADMIN.name, ...body }
    const before = looksAt.get(shot.user_id) ?? []
    const { taken_at, user_id } = shot
    looksAt.set(user_id, [{ at: now.toISOString(), taken_at, ...look }, ...before])
    return new Picture({ type: 'image/svg+xml', text: makeImage(shot.id, false) })
  })
  on('post', '/api/screenshots/{screenshot_id}/delete', ({ token, path, body }) => {
    const role = allow(token, 'ADMIN', 'EMPLOYEE')
    if (role === 'ADMIN') write(token)
    const shot = found(seenShots.get(path('screenshot_id')))
    if (role === 'EMPLOYEE' && !settings.employees_may_delete_screenshots)
      throw new Refusal(403, 'own_screenshots_stay', {
        title: 'The company keeps pictures until they are old, or an admin deletes them.',
      })
    const at = now.toISOString()
    const day = dayIn(zone, new Date(shot.taken_at))
    const count = () =>
      shotsOn(person(shot.user_id), day).filter(({ deletion }) => !deletion).length
    const screenshots_before = count()
    deletions.set(shot.id, { at, by: people[role].name, reason: body.reason })
    const screenshots_after = count()
    return { id: shot.id, deleted_at: at, screenshots_before, screenshots_after, bytes: shot.bytes }
  })

  const ofCompany = {
    now,
    today,
    empty: options.empty ?? false,
    employees,
    teams,
    allow,
    active: () => {
      if (options.status && options.status !== 'ACTIVE' && options.status !== 'TRIAL')
        throw new Refusal(403, `company_${options.status.toLowerCase()}`)
    },
    me: (role: Role) => people[role],
  }
  const { changeTask, taskAt } = serveTasks(on, ofCompany)
  const { changeAlertRules } = serveAlerts(on, ofCompany)
  const { tell } = serveNotifications(on, ofCompany)
  const { changeRules } = serveRules(on, ofCompany)
  const { publishPolicy } = servePolicies(on, ofCompany)

  /** As a second admin would. */
  const changeSettings = (changes: Partial<CompanySettings>) => {
    settings = { ...settings, ...changes, version: settings.version + 1 }
  }
  return {
    handle,
    employees,
    people_now,
    companies,
    plans,
    changeSettings,
    changeLook,
    changeAlertRules,
    changeTask,
    changeRules,
    publishPolicy,
    tell,
    signOut: () => (cookie = undefined),
  }
}

function commonPassword(pointer: string): Refusal {
  const detail = 'That is one of the first a guesser would try.'
  return new Refusal(422, 'invalid', { errors: [{ pointer, code: 'password_common', detail }] })
}

function makeSignIns(now: Date): SignIn[] {
  const ago = (hours: number) => new Date(now.getTime() - hours * 3_600_000).toISOString()
  const mozilla = 'Mozilla/5.0'
  return [
    {
      id: id('sign-in', 1),
      kind: 'portal',
      current: true,
      user_agent: `${mozilla} (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0`,
      address: '192.0.2.17',
      created_at: ago(3),
      last_used_at: ago(0.1),
    },
    {
      id: id('sign-in', 2),
      kind: 'portal',
      current: false,
      user_agent: `${mozilla} (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Safari/604`,
      address: '2001:db8:42:9a01:f0e5:11ff:fe22:8c3d',
      created_at: ago(70),
      last_used_at: ago(20),
    },
    {
      id: id('sign-in', 3),
      kind: 'agent',
      current: false,
      device_name: 'thinkpad-07',
      address: '192.0.2.17',
      created_at: ago(900),
      last_used_at: ago(0.2),
    },
  ]
}

function sorted<T extends object>(rows: T[], sort: string): T[] {
  const key = sort.replace(/^-/, '') as keyof T
  const sign = sort.startsWith('-') ? -1 : 1
  return rows.toSorted((a, b) => {
    const [left, right] = [a[key] ?? '', b[key] ?? '']
    return left < right ? -sign : left > right ? sign : 0
  })
}
