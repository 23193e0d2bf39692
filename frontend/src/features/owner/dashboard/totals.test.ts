// Figures over all companies: who runs, who fell silent.
import { expect, test } from 'vitest'
import { asListed, makeCompanies } from '~/mocks/companies'
import { isSilent, totals } from './totals'

const now = new Date('2026-11-20T12:00:00Z')
const companies = makeCompanies(now).map(asListed)

test('trials run as well, and only running companies can be silent', () => {
  const figures = totals(companies, now)
  expect([figures.running, figures.trials, figures.stopped]).toEqual([5, 2, 3])
  expect(figures.silent.map(({ name }) => name)).toEqual(['Elm Street Studio', 'Fjord Consulting'])
})

test('a new company has three days to be heard for the first time', () => {
  const [company] = companies
  if (!company) throw new Error('no company')
  const { last_sync_at: _, ...young } = { ...company, created_at: '2026-11-18T12:00:00Z' }
  expect(isSilent(young, now)).toBe(false)
  expect(isSilent({ ...young, created_at: '2026-11-10T12:00:00Z' }, now)).toBe(true)
})
