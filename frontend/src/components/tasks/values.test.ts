import { expect, test } from 'vitest'
import type { Task } from '~/api/types'
import { asBody, asPatch, valuesOf } from './values'

const task: Task = {
  id: 'x',
  title: 'Write',
  description: 'All of it',
  status: 'open',
  priority: 'high',
  assignee_id: 'ada',
  due_on: '2026-11-20',
  overdue: false,
  estimate_seconds: 5400,
  created_at: '2026-11-01T00:00:00Z',
  updated_at: '2026-11-01T00:00:00Z',
  version: '1-abc',
}

test('a new task sends what was filled in', () => {
  const values = { ...valuesOf(undefined), title: ' Write ', hours: '1.5' }
  expect(asBody(values)).toEqual({
    title: 'Write',
    status: 'open',
    priority: 'normal',
    estimate_seconds: 5400,
  })
})

test('a change sends only what is different, and null for what was emptied', () => {
  const values = valuesOf(task)
  expect(asPatch(values, valuesOf(task))).toEqual({})
  const changed = { ...values, description: 'a\tb', assignee: null, due: '', hours: '' }
  expect(asPatch(changed, values)).toEqual({
    description: 'a    b',
    assignee_id: null,
    due_on: null,
    estimate_seconds: null,
  })
})
