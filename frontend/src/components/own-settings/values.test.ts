import { describe, expect, it } from 'vitest'
import type { EffectiveSettings } from '~/api/types'
import { FOLLOWING, patchOf, validate, valuesOf } from './values'
import { hoursInWords, ownInWords } from './words'

const company = <T>(value: T) => ({
  value,
  source: 'company' as const,
  inherited: value,
  inherited_from: 'company' as const,
})
const own = <T>(value: T, inherited: T) => ({
  value,
  source: 'person' as const,
  own: value,
  inherited,
  inherited_from: 'team' as const,
})
const same = <T>(value: T) => ({ value, source: 'company' as const })

const SEEN: EffectiveSettings = {
  screenshots_enabled: company(true),
  screenshot_interval_seconds: own(90, 600),
  blur_screenshots: own(false, true),
  idle_threshold_seconds: company(300),
  tracking_hours: company({ days: [1, 2, 3, 4, 5], from: '08:00:00', to: '18:00:00' }),
  record_titles: company(true),
  record_paths: company(false),
  originals_shown: same(true),
  redaction_rules: same(2),
  employees_may_delete_screenshots: same(false),
  time_zone: same('Europe/Berlin'),
  version: 'a1',
}

describe('own settings', () => {
  it('are sent as far as they were changed, and null follows', () => {
    const values = valuesOf(SEEN)
    expect(patchOf(SEEN, values)).toEqual({})
    expect(patchOf(SEEN, { ...values, interval_minutes: '', record_titles: 'no' })).toEqual({
      screenshot_interval_seconds: null,
      record_titles: false,
    })
    expect(patchOf(SEEN, { ...values, hours: 'own', days: ['6', '2'], to: '12:00' })).toEqual({
      tracking_hours: { days: [2, 6], from: '08:00:00', to: '12:00:00' },
    })
    expect(patchOf(SEEN, { ...values, ...FOLLOWING })).toEqual({
      screenshot_interval_seconds: null,
      blur_screenshots: null,
    })
  })

  it('are refused where they say nothing, unless they follow', () => {
    const values = valuesOf(SEEN)
    expect(validate.idle_minutes('')).toBeNull()
    expect(validate.idle_minutes('61')).toBeTruthy()
    expect(validate.days([], values)).toBeNull()
    expect(validate.days([], { ...values, hours: 'own' })).toBeTruthy()
    expect(validate.to('08:00', { ...values, hours: 'own' })).toBeTruthy()
  })

  it('are said in words', () => {
    expect(hoursInWords({ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00:00', to: '23:59:59' })).toBe(
      'Every day, all day',
    )
    expect(
      ownInWords({
        record_titles: false,
        tracking_days: [1],
        tracking_from: '09:00:00',
        tracking_to: '12:00:00',
        idle_threshold_seconds: 60,
      }),
    ).toBe('Days and hours: Mon, 09:00 to 12:00; Idle after: 1 m; Titles of windows and pages: No')
  })
})
