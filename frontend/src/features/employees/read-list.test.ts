import { expect, test } from 'vitest'
import { readList } from './read-list'

const emails = (text: string) => readList(text).map(({ email }) => email)

test('addresses are found whatever stands between them', () => {
  expect(emails('a@x.test, b@x.test;c@x.test\nd@x.test\te@x.test | f@x.test\r\n\n')).toEqual([
    'a@x.test',
    'b@x.test',
    'c@x.test',
    'd@x.test',
    'e@x.test',
    'f@x.test',
  ])
})

test('names of a mail program come along', () => {
  expect(readList('Ada Brandt <ada@x.test>, "Keller, Bruno" <bruno@x.test>; c@x.test')).toEqual([
    { line: 1, email: 'ada@x.test', name: 'Ada Brandt', role: '', team: '' },
    { line: 1, email: 'bruno@x.test', name: 'Keller, Bruno', role: '', team: '' },
    { line: 1, email: 'c@x.test', name: '', role: '', team: '' },
  ])
})

test('what is no address is kept, so that it can be shown', () => {
  expect(emails('a@x.test nonsense')).toEqual(['a@x.test', 'nonsense'])
})

test('a table has columns in any order, and quoted fields', () => {
  const text =
    '\ufeffName;Team;E-Mail;Phone\r\n"Brandt; Ada";Sales;ada@x.test;1\r\n;;;\r\n"say ""hi""\nthere";;b@x.test;2'
  expect(readList(text)).toEqual([
    { line: 2, email: 'ada@x.test', name: 'Brandt; Ada', role: '', team: 'Sales' },
    { line: 4, email: 'b@x.test', name: 'say "hi"\nthere', role: '', team: '' },
  ])
})

test('a table may have nothing but addresses', () => {
  expect(emails('email\na@x.test\nb@x.test\n')).toEqual(['a@x.test', 'b@x.test'])
})
