// The people of the mock's company and what a day of theirs looks like.
import type {
  ApiToken,
  CompanyExport,
  CompanySettings,
  DayTotals,
  Employee,
  LivePerson,
  OverviewDays,
  OverviewDevices,
  OverviewHours,
  OwnExport,
  Removal,
  Team,
  Timeline,
  WorkSession,
} from '~/api/types'
import { addDays, dayIn } from '~/lib/time'
import { id, random } from './random'

const NAMES = [
  'Ada Brandt',
  'Bruno Keller',
  'Carla Mendes',
  'Dmitri Volkov',
  'Esther Okafor',
  'Farid Rahimi',
  'Grete Solberg',
  'Hiro Tanaka',
  'Ines Caldeira',
  'Jonas Lindqvist',
  'Katya Petrenko',
  'Liam O’Connor',
  'Mara Novak',
]
const TEAMS = ['Development', 'Sales']
/** Every third is in no team. */
const TEAM_OF = [...TEAMS.map((team, number) => ({ team, team_id: id('team', number + 1) })), {}]
const APPS: [string, string[]][] = [
  [
    'Visual Studio Code',
    ['billing.rs - ledger', 'README.md - ledger', 'tests/rounding.rs - ledger'],
  ],
  ['Firefox', ['Pull request #218 · ledger', 'Rounding of half cents - Questions', 'Mail']],
  ['LibreOffice Calc', ['Quarterly report draft.ods', 'Price list 2027.ods']],
  ['Thunderbird', ['Inbox', 'Re: delivery dates in December']],
  ['Terminal', ['cargo test', 'ssh build-02']],
  ['Slack', ['#billing', '#general']],
]
const SITES: [string, string, string][] = [
  ['git.acme.test', '/ledger/pulls/218', 'Pull request #218 · ledger'],
  ['docs.rs', '/rust_decimal', 'rust_decimal - Rust'],
  ['questions.test', '/rounding-half-cents', 'Rounding of half cents - Questions'],
  ['mail.acme.test', '/', 'Mail'],
]
const MINUTE = 60_000

export function makeEmployees(now: Date): Employee[] {
  return NAMES.map((name, number) => {
    const dice = random(name)
    const status = number === 11 ? 'deactivated' : number === 12 ? 'invited' : 'active'
    const seen = new Date(now.getTime() - dice(200) * MINUTE).toISOString()
    const [first] = name.toLowerCase().split(' ')
    return {
      id: id('person', number + 1),
      email: number === 0 ? 'employee@acme.test' : `${first}@acme.test`,
      name: status === 'invited' ? '' : name,
      role: number === 1 ? 'ADMIN' : 'EMPLOYEE',
      administers: [],
      status,
      ...(status === 'invited' ? {} : { last_seen_at: seen }),
      tracked_seconds_today: status === 'active' ? 14_000 + dice(9_000) : 0,
      devices: status === 'invited' ? 0 : 1 + dice(2),
      created_at: new Date(now.getTime() - (400 - number) * 86_400_000).toISOString(),
      ...(status === 'invited'
        ? { expires_at: new Date(now.getTime() + 50 * 3_600_000).toISOString() }
        : TEAM_OF[number % TEAM_OF.length]),
    }
  })
}

/** What everybody does at this moment, by name; and a crowd of others. */
export function makeLive(people: Employee[], crowd: number, now: Date): LivePerson[] {
  const ago = (minutes: number) => new Date(now.getTime() - minutes * MINUTE).toISOString()
  const states = ['working', 'working', 'idle', 'working', 'offline', 'private', 'working'] as const
  const others = Array.from({ length: crowd }, (_, number) => ({
    id: id('crowd', number),
    name: `Person ${String(number + 1).padStart(4, '0')}`,
    team: TEAMS[number % 3],
    seen: true,
  }))
  const own = people
    .filter(({ status }) => status === 'active')
    .map(({ id, name, team, last_seen_at }) => ({ id, name, team, seen: !!last_seen_at }))
  return [...own, ...others].map(({ id: user_id, name, team, seen }, number) => {
    const dice = random(`live ${name}`)
    const state = seen && people.length > 1 ? (states[number % states.length] ?? 'idle') : 'offline'
    const there = state === 'working' || state === 'idle'
    return {
      user_id,
      name,
      ...(team ? { team } : {}),
      state,
      ...(state === 'offline' ? {} : { since: ago(2 + dice(there ? 300 : 40)) }),
      ...(there && number % 4 === 0
        ? { task: { id: id('task', 1), title: 'Answer what came in over the weekend' } }
        : {}),
      tracked_seconds_today: state === 'offline' && dice(2) ? 0 : 3_600 + dice(20_000),
      ...(people.length > 1 ? { last_seen_at: ago(there ? 0 : 20 + dice(900)) } : {}),
    }
  })
}

export const makeTeams = (now: Date): Pick<Team, 'id' | 'name' | 'created_at'>[] =>
  TEAMS.map((name, number) => ({
    id: id('team', number + 1),
    name,
    created_at: new Date(now.getTime() - (300 - number) * 86_400_000).toISOString(),
  }))

/** The company's clock runs at UTC+1 all through the mock: no summer time to think of. */
const OFFSET_MS = 60 * MINUTE

type Block = [startMinute: number, endMinute: number]

export function makeTimeline(person: Employee, day: string, zone: string, now: Date): Timeline {
  const midnight = Date.parse(`${day}T00:00:00Z`) - OFFSET_MS
  const iso = (minute: number) => new Date(midnight + minute * MINUTE).toISOString()
  const dice = random(`${person.id} ${day}`)
  const weekday = new Date(`${day}T12:00:00Z`).getUTCDay()
  const free = weekday === 0 || weekday === 6
  const last = Math.floor((now.getTime() - midnight) / MINUTE)
  const wanted: Block[] = free
    ? []
    : [
        [525 + dice(30), 715 + dice(25)],
        [765 + dice(15), 1025 + dice(30)],
      ]
  const blocks = wanted
    .map(([start, end]): Block => [start, Math.min(end, last)])
    .filter(([start, end]) => end > start)
  const segments = blocks.flatMap((block) => segmentsOf(block, dice, iso))
  const seconds = (kind: string) =>
    segments
      .filter((segment) => segment.kind === kind)
      .reduce((sum, { from, to }) => sum + (Date.parse(to) - Date.parse(from)) / 1000, 0)
  const [active, idle] = [seconds('active'), seconds('idle')]
  return {
    user: { id: person.id, name: person.name || person.email },
    day,
    time_zone: zone,
    from: iso(0),
    to: iso(1440),
    tracked_seconds: active + idle,
    active_seconds: active,
    idle_seconds: idle,
    manual_seconds: 0,
    explained_seconds: 0,
    manual: [],
    sessions: blocks.map(([start, end], number) => ({
      id: id(`session-${day}`, number),
      started_at: iso(start),
      ...(end < last ? { ended_at: iso(end), end_reason: number ? 'signed_out' : 'paused' } : {}),
      device_name: 'thinkpad-07',
      excluded: false,
      deleted: false,
    })),
    private: blocks
      .slice(1)
      .map(([start], number) => ({ from: iso(blocks[number]?.[1] ?? start), to: iso(start) })),
    segments,
    slots: slotsOf(segments, midnight, random(`keys ${person.id} ${day}`)),
    applications: blocks.flatMap((block) => applicationsOf(block, dice, iso)),
    websites: blocks.flatMap((block) => websitesOf(block, dice, iso)),
    screenshots: blocks.flatMap(([start, end]) =>
      Array.from({ length: Math.floor((end - start) / 10) }, (_, number) => ({
        id: id(`shot-${person.id}-${day}`, start * 100 + number),
        taken_at: iso(start + number * 10 + dice(9)),
        display: number % 7 === 3 ? 1 : 0,
        blurred: number % 5 === 4,
        width: 1920,
        height: 1080,
      })),
    ),
  }
}

/** What everybody's days of the last week say of their sessions, newest first. */
export function makeSessions(people: Employee[], zone: string, now: Date): WorkSession[] {
  const today = dayIn(zone, now)
  return people
    .filter(({ status }) => status === 'active')
    .flatMap((person) =>
      [0, -1, -2, -3].flatMap((by) => {
        const { sessions, slots } = makeTimeline(person, addDays(today, by), zone, now)
        return sessions.map(({ excluded: _, deleted: __, ...session }) => {
          const end = session.ended_at ?? now.toISOString()
          const inside = slots
            .flatMap(({ minutes }) => minutes)
            .filter(({ at }) => session.started_at <= at && at < end)
          return {
            ...session,
            id: id(`session-${person.id}`, Date.parse(session.started_at) / MINUTE),
            user_id: person.id,
            user_name: person.name,
            tracked_seconds: inside.length * 60,
            active_seconds: inside.reduce((sum, { active_seconds }) => sum + active_seconds, 0),
            changes: [],
          }
        })
      }),
    )
    .toSorted((a, b) => b.started_at.localeCompare(a.started_at))
}

type Iso = (minute: number) => string
type Dice = (below: number) => number

function segmentsOf([start, end]: Block, dice: Dice, iso: Iso): Timeline['segments'] {
  const made: Timeline['segments'] = []
  let at = start
  while (at < end) {
    const active = Math.min(end, at + 18 + dice(55))
    made.push({ kind: 'active', from: iso(at), to: iso(active) })
    const idle = Math.min(end, active + 3 + dice(11))
    if (idle > active) made.push({ kind: 'idle', from: iso(active), to: iso(idle) })
    at = idle
  }
  return made
}

/** Ten minutes each from the day's beginning, of whole minutes that are active or idle. */
function slotsOf(segments: Timeline['segments'], midnight: number, dice: Dice): Timeline['slots'] {
  const slots = new Map<number, Timeline['slots'][number]>()
  const iso = (at: number) => new Date(at).toISOString()
  for (const { kind, from, to } of segments)
    for (let at = Date.parse(from); at < Date.parse(to); at += MINUTE) {
      const begins = at - ((at - midnight) % (10 * MINUTE))
      const span = { from: iso(begins), to: iso(begins + 10 * MINUTE) }
      const slot = slots.get(begins) ?? {
        ...span,
        tracked_seconds: 0,
        active_seconds: 0,
        minutes: [],
      }
      const active_seconds = kind === 'active' ? 60 : 0
      const used = {
        keystrokes: active_seconds && dice(180),
        mouse_events: active_seconds && dice(60),
      }
      slot.tracked_seconds += 60
      slot.active_seconds += active_seconds
      slot.minutes.push({ at: iso(at), tracked_seconds: 60, active_seconds, ...used })
      slots.set(begins, slot)
    }
  return [...slots.values()]
}

function applicationsOf([start, end]: Block, dice: Dice, iso: Iso): Timeline['applications'] {
  const made: Timeline['applications'] = []
  let at = start
  while (at < end) {
    const [app, titles] = APPS[Math.min(dice(6), dice(6))] ?? ['Terminal', ['sh']]
    const minutes = Math.min(end - at, 3 + dice(22))
    const title = titles[dice(titles.length)] ?? ''
    made.push({ app, title, started_at: iso(at), seconds: minutes * 60 })
    at += minutes
  }
  return made
}

function websitesOf([start, end]: Block, dice: Dice, iso: Iso): Timeline['websites'] {
  const made: Timeline['websites'] = []
  for (let at = start + dice(20); at < end; at += 15 + dice(30)) {
    const [host, path, title] = SITES[dice(SITES.length)] ?? ['docs.rs', '/', 'Docs']
    made.push({ host, path, title, started_at: iso(at), seconds: 120 + dice(500) })
  }
  return made
}

export function makeDaily(people: number, from: string, to: string, today: string): DayTotals[] {
  const days: DayTotals[] = []
  for (let day = from; day <= to && day <= today; day = addDays(day, 1)) {
    const dice = random(`daily ${people} ${day}`)
    const weekday = new Date(`${day}T12:00:00Z`).getUTCDay()
    const there = weekday === 0 || weekday === 6 ? 0 : Math.max(1, people - dice(3))
    const active = there * (21_000 + dice(4_000))
    const idle = there * (2_000 + dice(1_500))
    days.push({
      day,
      tracked_seconds: active + idle,
      active_seconds: active,
      idle_seconds: idle,
      manual_seconds: 0,
      explained_seconds: 0,
      people: there,
    })
  }
  return days
}

/** The company's days by team, and the target of its settings. */
export function makeOverview(
  teams: Pick<Team, 'id' | 'name'>[],
  settings: CompanySettings,
  [from, to, today]: [string, string, string],
  zone: string,
): OverviewDays {
  const heads = [5, 3, 3]
  const all = teams.length > 0 ? [...teams, undefined] : []
  const series = all.map((team, at): OverviewDays['series'][number] => ({
    kind: team ? 'team' : 'none',
    ...(team && { id: team.id }),
    name: team?.name ?? '',
    seconds: 0,
    people: heads[at] ?? 1,
  }))
  const daily = heads.map((people) => makeDaily(people, from, to, today))
  const seconds = (time: string) => {
    const [hours = 0, minutes = 0] = time.split(':').map(Number)
    return hours * 3600 + minutes * 60
  }
  const { tracking_days, tracking_from, tracking_to } = settings
  const seconds_per_day = seconds(tracking_to) - seconds(tracking_from)
  const days: OverviewDays['days'] = []
  for (let day = from; day <= to; day = addDays(day, 1)) {
    const of = series.map((_, at) => daily[at]?.find((one) => one.day === day))
    const weekday = new Date(`${day}T12:00:00Z`).getUTCDay() || 7
    for (const [at, one] of series.entries()) one.seconds += of[at]?.tracked_seconds ?? 0
    days.push({
      day,
      tracked_seconds: of.reduce((sum, one) => sum + (one?.tracked_seconds ?? 0), 0),
      active_seconds: of.reduce((sum, one) => sum + (one?.active_seconds ?? 0), 0),
      by_series: of.map((one) => one?.tracked_seconds ?? 0),
      target_seconds: tracking_days.includes(weekday) && teams.length ? 11 * seconds_per_day : 0,
    })
  }
  const target = { seconds_per_day, days: tracking_days, from: tracking_from, to: tracking_to }
  return { series, days, target, time_zone: zone }
}

/** When these people work: mornings more than afternoons, and nobody at night. */
export function makeOverviewHours(
  people: number,
  [from, to, today]: [string, string, string],
  zone: string,
): OverviewHours {
  const weekdays = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({
    weekday,
    days: 0,
    tracked_seconds: Array.from({ length: 24 }, () => 0),
  }))
  if (people > 0)
    for (let day = from; day <= to && day <= today; day = addDays(day, 1)) {
      const of = weekdays[(new Date(`${day}T12:00:00Z`).getUTCDay() + 6) % 7]
      if (!of) continue
      of.days += 1
      if (of.weekday > 5) continue
      for (let hour = 8; hour < 18; hour += 1) {
        const share = hour === 12 ? 0.35 : hour < 12 ? 0.9 : 0.75
        of.tracked_seconds[hour] =
          (of.tracked_seconds[hour] ?? 0) + Math.round(people * 3600 * share)
      }
    }
  return { weekdays, from, to, time_zone: zone }
}

/** Three of the people's devices, a problem each. */
export function makeDeviceProblems(
  people: Employee[],
  working_day: string,
  now: Date,
): OverviewDevices {
  const ago = (hours: number) => new Date(now.getTime() - hours * 60 * MINUTE).toISOString()
  const device = (at: number, problem: OverviewDevices['items'][number]['problems'][number]) => ({
    id: id('problem', at),
    user_id: people[at]?.id ?? '',
    user_name: people[at]?.name ?? '',
    name: `thinkpad-0${at}`,
    os: 'Debian GNU/Linux 12 (bookworm), X11',
    agent_version: problem === 'old_version' ? '0.0.9' : '0.1.0',
    last_seen_at: ago(problem === 'silent' ? 70 : 1),
    problems: [problem],
    limitations: problem === 'limited' ? ['titles_not_available'] : [],
  })
  const items = people.length
    ? [device(4, 'silent'), device(5, 'limited'), device(6, 'old_version')]
    : []
  const each = items.length ? 1 : 0
  return {
    items,
    total: items.length,
    counts: { silent: each, old_version: each, limited: each },
    working_day,
    newest_version: '0.1.0',
  }
}

export const APP_TOTALS = [
  ['Visual Studio Code', 212_400],
  ['Firefox', 158_820],
  ['LibreOffice Calc', 96_060],
  ['Thunderbird', 61_440],
  ['Slack', 40_500],
  ['Terminal', 32_700],
  ['Inkscape', 12_060],
  ['Okular', 6_300],
] as const

export const HOST_TOTALS = [
  ['git.acme.test', 88_200],
  ['docs.rs', 43_500],
  ['mail.acme.test', 40_020],
  ['questions.test', 18_240],
] as const

type Use = { person: Employee; day: string; name: string; seconds: number }

/** What everybody used in these days; of none of the names where it is only tracked. */
export function makeUse(
  people: Employee[],
  names: readonly (readonly [string, number])[],
  [from, to]: [string, string],
): Use[] {
  const made: Use[] = []
  for (let day = from; day <= to; day = addDays(day, 1)) {
    const weekday = new Date(`${day}T12:00:00Z`).getUTCDay()
    if (weekday === 0 || weekday === 6) continue
    for (const person of people)
      for (const [name, about] of names) {
        const dice = random(`${person.id} ${day} ${name}`)
        const seconds = dice(4) ? Math.round((about / 80) * (0.5 + dice(100) / 100)) : 0
        if (seconds) made.push({ person, day, name, seconds })
      }
  }
  return made
}

/** A stand-in for a picture of a screen; real ones are WebP. */
export function makeImage(seed: string, small: boolean, blurred = false): string {
  const dice = random(seed)
  if (blurred) return makeBlur(dice)
  const hue = dice(360)
  const lines = Array.from({ length: 14 }, (_, line) => {
    const width = 120 + dice(420)
    return `<rect x="270" y="${120 + line * 26}" width="${width}" height="9" rx="4" fill="hsl(${(hue + line * 9) % 360} 35% 62%)"/>`
  }).join('')
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 540" width="${small ? 320 : 1920}" height="${small ? 180 : 1080}"><rect width="960" height="540" fill="hsl(${hue} 22% 16%)"/><rect x="30" y="40" width="900" height="470" rx="10" fill="hsl(${hue} 18% 24%)"/><rect x="30" y="40" width="900" height="34" rx="10" fill="hsl(${hue} 20% 32%)"/><rect x="30" y="74" width="200" height="436" fill="hsl(${hue} 18% 20%)"/>${lines}</svg>`
}

/** As coarse as the server makes it: nothing of a line is left. */
function makeBlur(dice: Dice): string {
  const hue = dice(360)
  const tiles = Array.from({ length: 32 * 18 }, (_, tile) => {
    const [x, y] = [tile % 32, Math.floor(tile / 32)]
    const inside = x > 8 && x < 9 + (4 + ((y * 7) % 11)) && y > 3 && y < 15
    return `<rect x="${x * 10}" y="${y * 10}" width="10" height="10" fill="hsl(${hue} 24% ${(inside ? 36 : 18) + dice(6)}%)"/>`
  }).join('')
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 180" width="320" height="180">${tiles}</svg>`
}

/** One in use, one unused, one that ran out, one that was revoked. */
export function makeApiTokens(now: Date): ApiToken[] {
  const at = (days: number) => new Date(now.getTime() + days * 86_400_000).toISOString()
  const token = (number: number, name: string, status: string, scopes: string[], ends: number) => ({
    id: id('token', number),
    name,
    prefix: `ept_${'4aB9cD1e'.slice(number)}${'0'.repeat(number)}`,
    scopes,
    status,
    created_by: 'Bela Costa',
    created_at: at(ends - 90),
    expires_at: at(ends),
  })
  return [
    {
      ...token(1, 'Payroll export', 'active', ['employees:read', 'usage:read'], 61),
      last_used_at: at(-0.002),
    },
    token(2, 'Directory sync', 'active', ['employees:read', 'employees:write'], 83),
    { ...token(3, 'Dashboard trial', 'expired', ['usage:read'], -3), last_used_at: at(-5) },
    {
      ...token(4, 'Old wallboard', 'revoked', ['usage:read', 'timeline:read'], 20),
      revoked_at: at(-12),
    },
  ]
}

const DAY = 1440 * MINUTE

export function newExport(number: number, requested_by: string, now: Date): CompanyExport {
  const created_at = now.toISOString()
  const made = { id: id('export', number), state: 'queued', requested_by, is_mine: true }
  return { ...made, items: 48_212, items_done: 0, created_at }
}

export function readyExport(now: Date) {
  const expires_at = new Date(now.getTime() + DAY).toISOString()
  return { state: 'ready', bytes: 73_400_320, finished_at: now.toISOString(), expires_at }
}

export function newOwnExport(number: number, now: Date): OwnExport {
  const made = { id: id('own-export', number), state: 'queued', items: 9_480, items_done: 0 }
  return { ...made, created_at: now.toISOString() }
}

export function makeOwnExports(now: Date): OwnExport[] {
  const lately = new Date(now.getTime() - 300 * MINUTE)
  const before = new Date(now.getTime() - 40 * DAY)
  return [
    { ...newOwnExport(2, lately), ...readyExport(lately), items_done: 9_480 },
    { ...newOwnExport(1, before), state: 'expired', items_done: 9_480 },
  ]
}

export function makeRemovals(now: Date): Removal[] {
  const asked = new Date(now.getTime() - 12 * DAY)
  return [
    {
      id: id('removal', 1),
      employee_id: id('removed', 1),
      requested_by: 'Bruno Keller',
      requested_at: asked.toISOString(),
      removed_at: new Date(asked.getTime() + 4000).toISOString(),
      rows: 18_204,
      objects: 3_968,
    },
  ]
}

export function makeExports(now: Date): CompanyExport[] {
  const [lately, before] = [
    new Date(now.getTime() - 300 * MINUTE),
    new Date(now.getTime() - 9 * DAY),
  ]
  const done = { items_done: 48_212 }
  return [
    { ...newExport(2, 'Bruno Keller', lately), ...readyExport(lately), ...done, is_mine: false },
    { ...newExport(1, 'Bruno Keller', before), state: 'expired', ...done },
  ]
}

export function makeSettings(now: Date): CompanySettings {
  return {
    screenshots_enabled: true,
    screenshot_interval_seconds: 600,
    blur_screenshots: false,
    originals_shown: true,
    employees_may_delete_screenshots: true,
    idle_threshold_seconds: 300,
    tracking_days: [1, 2, 3, 4, 5],
    tracking_from: '08:00:00',
    tracking_to: '18:30:00',
    record_titles: true,
    record_paths: false,
    redaction_rules: ['salary', 'works council'],
    screenshot_retention_days: 90,
    usage_retention_days: 365,
    manual_time_allowed: true,
    manual_time_approval: true,
    leads_see: 'team_sums',
    updated_at: new Date(now.getTime() - 20 * DAY).toISOString(),
    version: 4,
    plan_has_screenshots: true,
    max_retention_days: 365,
  }
}
