import { expect, test } from 'vitest'
import { cutOf, momentsOf } from './cut'

const BERLIN = 'Europe/Berlin'
const session = { started_at: '2026-11-20T08:00:20Z', ended_at: '2026-11-20T11:30:45Z' }

test('a form begins with what counts, on the company’s clock', () => {
  expect(momentsOf(session, BERLIN)).toEqual({ from: '2026-11-20T09:00', to: '2026-11-20T12:30' })
  const cut = { ...session, counted_to: '2026-11-20T10:00:00Z' }
  expect(momentsOf(cut, BERLIN).to).toBe('2026-11-20T11:00')
})

test('an end that nobody moved is not sent', () => {
  const moved = { from: '2026-11-20T09:00', to: '2026-11-20T12:00' }
  expect(cutOf(session, moved, BERLIN)).toEqual({ to: '2026-11-20T11:00:00.000Z' })
  // Of one that is cut the own end is wanted back.
  const cut = { ...session, counted_to: '2026-11-20T10:00:00Z' }
  expect(cutOf(cut, { from: '2026-11-20T09:15', to: '2026-11-20T12:30' }, BERLIN)).toEqual({
    from: '2026-11-20T08:15:00.000Z',
  })
})
