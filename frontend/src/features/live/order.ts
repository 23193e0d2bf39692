// Who stands where in the list. The order stays while somebody points at it, so that a click hits whom it was meant for.
import { type RefObject, useEffect, useRef, useState } from 'react'
import type { LivePerson, LiveState } from '~/api/types'

export const STATES = ['working', 'idle', 'private', 'offline'] as const satisfies LiveState[]

/** The state under which each person is listed. */
export type Places = ReadonlyMap<string, LiveState>

export const placesOf = (people: LivePerson[]): Places =>
  new Map(people.map(({ user_id, state }) => [user_id, state]))

/** People by the state they are listed under. Whoever is new is under their own, whoever is gone is gone. */
export function grouped(people: LivePerson[], places: Places): Map<LiveState, LivePerson[]> {
  const groups = new Map<LiveState, LivePerson[]>(STATES.map((state) => [state, []]))
  for (const person of people) {
    const place = places.get(person.user_id) ?? person.state
    // A state that this page does not know of yet is none of those that work.
    const group = groups.get(place) ?? groups.get('offline')
    group?.push(person)
  }
  return groups
}

const QUIET_MS = 5_000

/** The places as of the last moment at which nobody pointed at the list, or had a hand still on it for five seconds. */
export function useHeldPlaces(people: LivePerson[], list: RefObject<HTMLElement | null>): Places {
  const [places, setPlaces] = useState(() => placesOf(people))
  const moved = useRef(Number.NEGATIVE_INFINITY)
  useEffect(() => {
    const element = list.current
    let timer: ReturnType<typeof setTimeout> | undefined
    const settle = () => {
      clearTimeout(timer)
      const focused = element?.contains(document.activeElement)
      const wait = focused ? QUIET_MS : moved.current + QUIET_MS - performance.now()
      if (wait > 0) timer = setTimeout(settle, wait)
      else setPlaces((old) => (sameAs(old, people) ? old : placesOf(people)))
    }
    const move = () => {
      moved.current = performance.now()
    }
    const leave = () => {
      moved.current = Number.NEGATIVE_INFINITY
      settle()
    }
    settle()
    element?.addEventListener('pointermove', move)
    element?.addEventListener('pointerleave', leave)
    return () => {
      clearTimeout(timer)
      element?.removeEventListener('pointermove', move)
      element?.removeEventListener('pointerleave', leave)
    }
  }, [people, list])
  return places
}

const sameAs = (places: Places, people: LivePerson[]) =>
  places.size === people.length &&
  people.every(({ user_id, state }) => places.get(user_id) === state)
