// Tasks of the mock world: a few dozen, with talk, history and time, kept for as long as the page is open.
import type {
  Employee,
  Role,
  Task,
  TaskChange,
  TaskComment,
  TaskPatch,
  TaskTime,
  Team,
  Timer,
} from '~/api/types'
import { addDays } from '~/lib/time'
import { id, random } from './random'
import { type createRouter, Picture, Refusal } from './server'

type On = ReturnType<typeof createRouter>['on']

type Context = {
  now: Date
  today: string
  empty: boolean
  employees: Employee[]
  teams: Pick<Team, 'id' | 'name'>[]
  /** The role of a call, or a refusal. */
  allow: (token: string | undefined, ...roles: Role[]) => Role
  /** Refuses companies that change nothing at present. */
  active: () => void
  me: (role: Role) => { id: string; name: string }
}

type Kept = {
  task: Task
  number: number
  comments: TaskComment[]
  changes: TaskChange[]
  people: TaskTime['people']
}

const WORK = [
  'Answer the requests of last week',
  'Prepare the quarterly review',
  'Clean up the address book',
  'Draft the offer for the new customer',
  'Check the invoices of October',
  'Write the release notes',
  'Update the price list',
  'Plan the workshop',
  'Review the translations',
  'Find out why reports are slow',
]
const TEXT =
  'Everything that came in **before Friday**. What needs a decision goes on [the list](https://example.test/list):\n\n- refunds\n- deliveries\n\n<b>not bold</b>'
const STATUSES = ['open', 'in_progress', 'done', 'open', 'cancelled']
const PRIORITIES = ['normal', 'high', 'low', 'urgent', 'normal']
const ORDER: Record<string, string[]> = {
  status: ['open', 'in_progress', 'done', 'cancelled'],
  priority: ['low', 'normal', 'high', 'urgent'],
}

export function serveTasks(on: On, context: Context) {
  const { now, today, allow, me } = context
  const kept = context.empty ? [] : makeTasks(context)
  const person = (key: string) => context.employees.find((one) => one.id === key)

  const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString()
  const visible = (token: string | undefined) => {
    const role = allow(token, 'ADMIN', 'EMPLOYEE')
    const own = me(role).id
    const tasks = kept.filter(({ task }) => role === 'ADMIN' || task.assignee_id === own)
    return { role, own, tasks }
  }
  const found = (token: string | undefined, key: string) => {
    const { role, own, tasks } = visible(token)
    const one = tasks.find(({ task }) => task.id === key)
    if (!one) throw new Refusal(404, 'not_found')
    return { role, own, one }
  }
  const secondsOf = ({ people }: Kept, own?: string) =>
    people
      .filter(({ user_id }) => !own || user_id === own)
      .reduce((sum, { tracked_seconds }) => sum + tracked_seconds, 0)
  const bump = (one: Kept) => {
    one.number += 1
    const { task } = one
    Object.assign(task, {
      updated_at: now.toISOString(),
      version: `${one.number}-mock`,
      overdue: isLate(task, today),
    })
  }
  const note = (one: Kept, by: string, field: keyof TaskPatch, after: unknown, before: unknown) => {
    const said = (value: unknown) =>
      value === undefined || value === null || value === '' ? {} : { said: String(value) }
    one.changes.unshift({
      id: id(`change ${one.task.id}`, one.changes.length),
      actor_name: by,
      at: now.toISOString(),
      field,
      ...('said' in said(before) ? { before: said(before).said } : {}),
      ...('said' in said(after) ? { after: said(after).said } : {}),
    })
  }
  const mustBe = (seen: string | undefined, { task }: Kept) => {
    if (!seen) throw new Refusal(428, 'precondition_required')
    if (seen !== task.version) throw new Refusal(412, 'precondition_failed')
  }
  const nameOf = (field: string, value: unknown) => {
    if (field === 'assignee_id') return person(String(value))?.name
    if (field === 'team_id') return context.teams.find((team) => team.id === value)?.name
    return value
  }
  const apply = (one: Kept, by: string, changes: TaskPatch) => {
    const task = one.task as Record<string, unknown>
    for (const [field, value] of Object.entries(changes)) {
      const before = nameOf(field, task[field])
      if ((task[field] ?? null) === (value ?? null)) continue
      if (value === null || value === undefined) delete task[field]
      else task[field] = value
      if (field === 'description' && value === null) task.description = ''
      if (field === 'assignee_id') task.assignee_name = nameOf(field, value)
      if (field === 'team_id') task.team_name = nameOf(field, value)
      note(one, by, field as keyof TaskPatch, nameOf(field, value), before)
    }
    bump(one)
  }

  const listed = (token: string | undefined, query: URLSearchParams) => {
    const { role, own, tasks } = visible(token)
    const q = query.get('q')?.toLowerCase() ?? ''
    const [statuses, priorities] = [query.getAll('status'), query.getAll('priority')]
    const [assignee, team, due] = [query.get('assignee_id'), query.get('team_id'), query.get('due')]
    const isDue = ({ due_on, overdue }: Task) => {
      if (due === 'overdue') return overdue
      if (due === 'today') return due_on === today
      if (due === 'next_7_days') return !!due_on && due_on >= today && due_on <= addDays(today, 6)
      return due !== 'none' || !due_on
    }
    const matching = tasks
      .filter(({ task }) => `${task.title} ${task.description}`.toLowerCase().includes(q))
      .filter(({ task }) => statuses.length === 0 || statuses.includes(task.status))
      .filter(({ task }) => priorities.length === 0 || priorities.includes(task.priority))
      .filter(({ task }) => !assignee || task.assignee_id === assignee)
      .filter(({ task }) => !query.has('unassigned') || !task.assignee_id)
      .filter(({ task }) => !team || task.team_id === team)
      .filter(({ task }) => !query.has('without_team') || !task.team_id)
      .filter(({ task }) => isDue(task))
      .map((one) => {
        const { description: _, ...task } = one.task
        return { ...task, tracked_seconds: secondsOf(one, role === 'ADMIN' ? undefined : own) }
      })
    return inOrder(matching, query.get('sort') ?? 'due_on')
  }
  let timer: Timer = {}
  const title = ({ task: { id, title } }: Kept) => ({ id, title })
  on('get', '/api/me/timer', () => timer)
  on('post', '/api/me/timer/start', ({ token, body }) => {
    context.active()
    const one = visible(token).tasks.find(({ task }) => task.id === body.task_id)
    if (!one || !['open', 'in_progress'].includes(one.task.status))
      throw new Refusal(422, 'unknown_task', { detail: 'No open task of that id is yours.' })
    timer = { task: title(one), since: ago(50), said_in: 'browser' }
    return timer
  })
  on('post', '/api/me/timer/stop', () => {
    context.active()
    const { task, since } = timer
    timer = { since: now.toISOString(), said_in: 'browser' }
    return {
      stopped_at: now.toISOString(),
      ...(task && since ? { task, started_at: since } : {}),
      unrecorded: task ? [{ from: ago(40), to: ago(10) }] : [],
    }
  })
  on('get', '/api/tasks', ({ token, query }) => {
    const all = listed(token, query)
    const limit = Number(query.get('limit') ?? 50)
    const at = Number(query.get('cursor')?.replace('at-', '') ?? 0)
    const next_cursor = at + limit < all.length ? `at-${at + limit}` : null
    return { items: all.slice(at, at + limit), next_cursor }
  })
  on('get', '/api/tasks/export', ({ token, query }) => {
    allow(token, 'ADMIN')
    const rows = listed(token, query).map(({ title, status }) => `${title},${status}`)
    return new Picture({ type: 'text/csv', text: ['title,status', ...rows].join('\r\n') })
  })
  on(
    'post',
    '/api/tasks',
    ({ token, body }) => {
      const by = me(allow(token, 'ADMIN')).name
      context.active()
      const made = empty(kept.length + 1000, body.title, now)
      kept.push(made)
      apply(made, by, body)
      made.changes = []
      return made.task
    },
    201,
  )
  on('get', '/api/tasks/{task_id}', ({ token, path }) => found(token, path('task_id')).one.task)
  on('patch', '/api/tasks/{task_id}', ({ token, path, body, seen }) => {
    allow(token, 'ADMIN')
    context.active()
    const { one, role } = found(token, path('task_id'))
    mustBe(seen, one)
    apply(one, me(role).name, body)
    return one.task
  })
  on('patch', '/api/tasks/{task_id}/status', ({ token, path, body, seen }) => {
    const { one, role } = found(token, path('task_id'))
    context.active()
    mustBe(seen, one)
    apply(one, me(role).name, body)
    return one.task
  })
  on('get', '/api/tasks/{task_id}/changes', ({ token, path }) => {
    const { one } = found(token, path('task_id'))
    return { items: one.changes, next_cursor: null }
  })
  on('get', '/api/tasks/{task_id}/comments', ({ token, path }) => {
    const { one } = found(token, path('task_id'))
    return { items: one.comments, next_cursor: null }
  })
  on(
    'post',
    '/api/tasks/{task_id}/comments',
    ({ token, path, body }) => {
      const { one, role } = found(token, path('task_id'))
      context.active()
      const made = {
        id: id(`comment ${one.task.id}`, one.comments.length),
        author_name: me(role).name,
        at: now.toISOString(),
        text: body.text,
      }
      one.comments.unshift(made)
      return made
    },
    201,
  )
  on('get', '/api/tasks/{task_id}/time', ({ token, path }) => {
    const { one, role, own } = found(token, path('task_id'))
    const people = one.people.filter(({ user_id }) => role === 'ADMIN' || user_id === own)
    return { people, tracked_seconds: secondsOf(one, role === 'ADMIN' ? undefined : own) }
  })
  /** What was somebody's to do when they worked: it may be another's since. */
  const atFirst = kept.map(({ task }) => ({ task, of: task.assignee_id }))
  return {
    /** What an agent said a session was for, as `role` may see it. */
    taskAt: (role: Role, user_id: string, started_at: string) => {
      const own = atFirst.filter(({ of }) => of === user_id)
      const task = own[random(`session ${user_id} ${started_at}`)(own.length + 1)]?.task
      if (!task) return undefined
      const isSeen = role === 'ADMIN' || task.assignee_id === me(role).id
      return { id: task.id, ...(isSeen && { title: task.title }) }
    },
    /** As somebody else would, meanwhile. */
    changeTask: (title: string, changes: TaskPatch) => {
      const one = kept.find(({ task }) => task.title === title)
      if (one) apply(one, 'Somebody else', changes)
    },
  }
}

const isLate = ({ due_on, status }: Task, today: string) =>
  !!due_on && due_on < today && (status === 'open' || status === 'in_progress')

function empty(number: number, title: string, now: Date): Kept {
  const at = now.toISOString()
  return {
    task: {
      id: id('task', number),
      title,
      description: '',
      status: 'open',
      priority: 'normal',
      overdue: false,
      created_at: at,
      updated_at: at,
      version: '1-mock',
    },
    number: 1,
    comments: [],
    changes: [],
    people: [],
  }
}

function makeTasks({ now, today, employees, teams }: Context): Kept[] {
  const people = employees.filter(({ status }) => status === 'active').slice(0, 12)
  const made: Kept[] = []
  for (const [place, person] of [...people, undefined].entries())
    for (let nth = 0; nth < 5; nth += 1) {
      const number = place * 5 + nth
      const dice = random(`task ${number}`)
      const one = empty(number, `${WORK[(number * 3) % WORK.length]} (${number + 1})`, now)
      const at = new Date(now.getTime() - (3 + dice(600)) * 3_600_000).toISOString()
      Object.assign(one.task, {
        status: person ? STATUSES[dice(5)] : 'open',
        priority: PRIORITIES[dice(5)],
        created_at: at,
        updated_at: at,
        ...(nth % 2 === 0 ? { description: TEXT } : {}),
        ...(dice(4) > 0 ? { due_on: addDays(today, dice(16) - 6) } : {}),
        ...(dice(3) > 0 ? { estimate_seconds: (1 + dice(20)) * 1800 } : {}),
        ...(person ? { assignee_id: person.id, assignee_name: person.name } : {}),
      })
      const team = teams[number % (teams.length + 1)]
      if (team) Object.assign(one.task, { team_id: team.id, team_name: team.name })
      one.task.overdue = isLate(one.task, today)
      if (person && dice(3) > 0) {
        const tracked_seconds = 600 + dice(30_000)
        const last_day = addDays(today, -dice(5))
        one.people.push({ user_id: person.id, name: person.name, tracked_seconds, last_day })
        one.comments.push({
          id: id(`comment ${one.task.id}`, 0),
          author_name: person.name,
          at,
          text: 'Half of it is done, the rest needs `an answer` first.',
        })
      }
      if (one.task.status !== 'open')
        one.changes.push({
          id: id(`change ${one.task.id}`, 0),
          actor_name: person?.name ?? 'Admin',
          at,
          field: 'status',
          before: 'open',
          after: one.task.status,
        })
      made.push(one)
    }
  return made
}

function inOrder(tasks: Task[], sort: string): Task[] {
  const key = sort.replace(/^-/, '') as keyof Task
  const value = (task: Task) => {
    const order = ORDER[key]
    if (order) return String(order.indexOf(String(task[key])))
    if (key === 'estimate_seconds') return String(task.estimate_seconds ?? 0).padStart(9, '0')
    return String(task[key] ?? (key === 'due_on' ? '9' : '')).toLowerCase()
  }
  const sign = sort.startsWith('-') ? -1 : 1
  return tasks.toSorted(
    (a, b) => sign * (value(a).localeCompare(value(b)) || a.id.localeCompare(b.id)),
  )
}
