import { expect, test } from 'vitest'
import type { LivePerson } from '~/api/types'
import { grouped, placesOf } from './order'

const person = (user_id: string, state: LivePerson['state']): LivePerson => ({
  user_id,
  name: user_id,
  state,
  tracked_seconds_today: 0,
})
const names = (groups: ReturnType<typeof grouped>) =>
  [...groups].map(([state, people]) => [state, people.map(({ name }) => name)])

test('people stand under the state they had when the order was taken', () => {
  const before = [person('ada', 'working'), person('bob', 'working'), person('eve', 'offline')]
  const now = [person('ada', 'idle'), person('bob', 'working'), person('new', 'private')]
  expect(names(grouped(now, placesOf(before)))).toEqual([
    ['working', ['ada', 'bob']],
    ['idle', []],
    ['private', ['new']],
    ['offline', []],
  ])
  expect(names(grouped(now, placesOf(now)))[1]).toEqual(['idle', ['ada']])
})

test('a state that is not known yet is listed all the same', () => {
  const odd = [person('ada', 'asleep' as LivePerson['state'])]
  expect(names(grouped(odd, placesOf(odd)))[3]).toEqual(['offline', ['ada']])
})
