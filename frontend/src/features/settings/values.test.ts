import { describe, expect, it } from 'vitest'
import type { Settings } from './queries'
import { changesOf, differences, rulesOf, validate, valuesOf } from './values'

const SEEN: Settings = {
  screenshots_enabled: true,
  screenshot_interval_seconds: 90,
  blur_screenshots: false,
  originals_shown: true,
  employees_may_delete_screenshots: false,
  idle_threshold_seconds: 300,
  tracking_days: [1, 2, 3],
  tracking_from: '22:00:00',
  tracking_to: '06:30:00',
  record_titles: true,
  record_paths: false,
  redaction_rules: ['salary', '(?i)bank'],
  screenshot_retention_days: 90,
  usage_retention_days: 365,
  updated_at: '2026-11-21T10:00:00Z',
  version: 3,
  plan_has_screenshots: true,
  manual_time_allowed: true,
  manual_time_approval: true,
  leads_see: 'team_sums',
  max_retention_days: 365,
}

describe('the values of the form', () => {
  it('say what was changed, and nothing else', () => {
    const exact = { ...SEEN, tracking_to: '06:30:45', screenshot_interval_seconds: 100 }
    expect(changesOf(exact, valuesOf(exact))).toEqual({})
    const values = { ...valuesOf(SEEN), interval_minutes: '2,5', days: ['3', '1'], rules: 'salary' }
    expect(changesOf(SEEN, values)).toEqual({
      screenshot_interval_seconds: 150,
      tracking_days: [1, 3],
      redaction_rules: ['salary'],
    })
  })

  it('know what all day is', () => {
    const allDay = { ...SEEN, tracking_from: '00:00:00', tracking_to: '23:59:59' }
    expect(valuesOf(allDay).allDay).toBe(true)
    expect(changesOf(SEEN, valuesOf(allDay))).toEqual({
      tracking_from: '00:00:00',
      tracking_to: '23:59:59',
    })
  })

  it('name what somebody else changed', () => {
    expect(differences(SEEN, { ...SEEN, version: 4, record_paths: true })).toEqual([
      'Paths of pages',
    ])
  })

  it('hold a rule a line', () => {
    expect(rulesOf(' salary \n\n(?i)bank\n')).toEqual(['salary', '(?i)bank'])
  })

  it('are refused where they say nothing', () => {
    const values = valuesOf(SEEN)
    expect(validate.interval_minutes('0')).toBeTruthy()
    expect(validate.interval_minutes('')).toBeTruthy()
    expect(validate.interval_minutes('1.5')).toBeNull()
    expect(validate.days([])).toBeTruthy()
    for (const days of ['', '0', '1.5', '-3', '3661'])
      expect(validate.usage_days(days)).toBeTruthy()
    expect(validate.screenshot_days('3660')).toBeNull()
    expect(validate.to('22:00', values)).toBeTruthy()
    expect(validate.to('', { ...values, allDay: true })).toBeNull()
  })
})
