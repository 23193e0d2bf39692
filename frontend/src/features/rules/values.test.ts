import { expect, test } from 'vitest'
import type { Rule } from '~/api/types'
import { movable, moved, saved } from './values'

const rule = (pattern: string, team_id?: string): Rule => ({
  field: 'app',
  kind: 'glob',
  pattern,
  category: 'neutral',
  ...(team_id && { team_id }),
})
const patterns = (rules: Rule[]) => rules.map(({ pattern }) => pattern).join(' ')
const list = [rule('a', 'team'), rule('b', 'team'), rule('c'), rule('d')]

test('rules move among those for the same people only', () => {
  expect(list.map((_, at) => [movable(list, at, -1), movable(list, at, 1)])).toEqual([
    [false, true],
    [true, false],
    [false, true],
    [true, false],
  ])
  expect(patterns(moved(list, 1, -1))).toBe('b a c d')
  expect(patterns(moved(list, 2, 1))).toBe('a b d c')
})

test('a rule keeps its place unless it is for others now', () => {
  expect(patterns(saved(list, 0, rule('x', 'team')))).toBe('x b c d')
  expect(patterns(saved(list, 0, rule('x')))).toBe('b c d x')
  expect(patterns(saved(list, undefined, rule('x')))).toBe('a b c d x')
})
