import { describe, expect, it } from 'vitest'
import type { GalleryShot, GallerySlot } from '~/api/types'
import { hoursOf, nameWords, WHY } from './hours'

const at = (clock: string) => `2026-11-19T${clock}:00Z`

function shot(clock: string): GalleryShot {
  return {
    id: clock,
    user_id: 'ada',
    user_name: 'Ada',
    taken_at: at(clock),
    display: 0,
    blurred: false,
    width: 16,
    height: 9,
    bytes: 1,
    slot_from: at(`${clock.slice(0, 4)}0`),
    tracked_seconds: 600,
    active_seconds: 300,
  }
}

const slot = (from: string, to: string, missing?: GallerySlot['missing']): GallerySlot => ({
  from: at(from),
  to: at(to),
  tracked_seconds: 0,
  active_seconds: 0,
  screenshots: missing ? 0 : 1,
  ...(missing && { missing }),
})

const WHOLE = { before: false, after: false }

describe('a day by the hour', () => {
  it('has each picture in its ten minutes, and why others have none', () => {
    const [hour] = hoursOf(
      [shot('09:04'), shot('09:07'), shot('09:21')],
      [
        slot('09:00', '09:10'),
        slot('09:10', '09:20', 'idle'),
        slot('09:20', '09:30'),
        slot('09:30', '09:40', 'private'),
      ],
      'UTC',
      WHOLE,
    )
    if (hour?.kind !== 'hour') throw new Error('an hour was expected')
    expect(hour.cells.map(({ shots, missing }) => [shots.length, missing])).toEqual([
      [2, undefined],
      [0, 'idle'],
      [1, undefined],
      [0, 'private'],
    ])
  })

  it('makes hours without a picture one stretch, as long as the reason is the same', () => {
    const clock = (minute: number) =>
      `${String(10 + Math.floor(minute / 60))}:${String(minute % 60).padStart(2, '0')}`
    const slots = Array.from({ length: 18 }, (_, n) =>
      slot(clock(n * 10), clock(n * 10 + 10), n < 12 ? 'private' : 'offline'),
    )
    const stretches = hoursOf([], slots, 'UTC', WHOLE)
    expect(stretches).toEqual([
      {
        kind: 'gap',
        from: Date.parse(at('10:00')),
        to: Date.parse(at('12:00')),
        missing: 'private',
      },
      {
        kind: 'gap',
        from: Date.parse(at('12:00')),
        to: Date.parse(at('13:00')),
        missing: 'offline',
      },
    ])
  })

  it('says nothing of what lies on another page', () => {
    const slots = [
      slot('08:50', '09:00', 'idle'),
      slot('09:00', '09:10'),
      slot('09:10', '09:20', 'idle'),
      slot('09:20', '09:30', 'idle'),
    ]
    const shown = (part: { before: boolean; after: boolean }) =>
      hoursOf([shot('09:04')], slots, 'UTC', part).map((one) =>
        one.kind === 'hour' ? one.cells.length : 'gap',
      )
    expect(shown(WHOLE)).toEqual(['gap', 3])
    expect(shown({ before: true, after: true })).toEqual([1])
  })

  it('of a team says who has none beside those who have one, and makes stretches of the same people', () => {
    const team = (from: string, to: string, names: string[], missing = 'idle' as const) => ({
      ...slot(from, to),
      people: names.length > 0 ? [{ missing, people: names.length, names }] : [],
    })
    const sixOf = (hour: string, names: string[]) =>
      [0, 1, 2, 3, 4, 5].map((n) =>
        team(`${hour}:${n}0`, n < 5 ? `${hour}:${n + 1}0` : `${Number(hour) + 1}:00`, names),
      )
    const [hour, gap, other] = hoursOf(
      [shot('09:04')],
      [
        team('09:00', '09:10', ['Bob']),
        team('09:10', '09:20', []),
        team('09:20', '09:30', ['Ada', 'Bob']),
        ...sixOf('10', ['Ada']),
        ...sixOf('11', ['Ada']),
        ...sixOf('12', ['Bob']),
      ],
      'UTC',
      WHOLE,
    )
    if (hour?.kind !== 'hour') throw new Error('an hour was expected')
    expect(hour.cells.map(({ shots, slot }) => [shots.length, slot?.people?.[0]?.names])).toEqual([
      [1, ['Bob']],
      [0, ['Ada', 'Bob']],
    ])
    const stretch = (from: string, to: string, names: string[]) => ({
      kind: 'gap',
      from: Date.parse(at(from)),
      to: Date.parse(at(to)),
      people: [{ missing: 'idle', people: 1, names }],
    })
    expect(gap).toEqual(stretch('10:00', '12:00', ['Ada']))
    expect(other).toEqual(stretch('12:00', '13:00', ['Bob']))
  })

  it('names some people and counts the others', () => {
    expect(nameWords({ names: ['Ada'], people: 1 })).toBe('Ada')
    expect(nameWords({ names: ['Ada', 'Bob'], people: 2 })).toBe('Ada and Bob')
    expect(nameWords({ names: ['Ada', 'Bob'], people: 9 })).toBe('Ada, Bob and 7 more')
  })

  it('has words for every reason', () => {
    for (const { short, long } of Object.values(WHY)) expect(short && long).toBeTruthy()
  })
})
