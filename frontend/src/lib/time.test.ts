// Days and clocks are those of the named zone, whatever zone the browser runs in.
import { describe, expect, test } from 'vitest'
import {
  addDays,
  ago,
  browserZone,
  ceilHour,
  dayIn,
  dayStart,
  floorHour,
  formatDay,
  formatTime,
  isDay,
  lastDays,
  zoneLabel,
  zones,
} from './time'

const at = (text: string) => Date.parse(text)

test('the tests run in another zone than the company', () => {
  expect(browserZone()).toBe('America/New_York')
})

test('a day is a day of the named zone', () => {
  expect(dayIn('Europe/Berlin', '2026-11-19T23:30:00Z')).toBe('2026-11-20')
  expect(dayIn('America/New_York', '2026-11-19T23:30:00Z')).toBe('2026-11-19')
})

test('days step over months, leap days and clock changes', () => {
  expect(addDays('2026-12-31', 1)).toBe('2027-01-01')
  expect(addDays('2028-03-01', -1)).toBe('2028-02-29')
  expect(addDays('2026-03-08', 1)).toBe('2026-03-09')
})

test('a range of days ends today', () => {
  expect(lastDays(7, '2026-11-20')).toEqual({ from: '2026-11-14', to: '2026-11-20' })
})

test('a day begins at midnight of its zone, also on the days when clocks change', () => {
  const start = (day: string, zone: string) => dayStart(day, zone).toISOString()
  expect(start('2026-11-20', 'UTC')).toBe('2026-11-20T00:00:00.000Z')
  expect(start('2026-11-20', 'Asia/Kathmandu')).toBe('2026-11-19T18:15:00.000Z')
  expect(start('2026-03-29', 'Europe/Berlin')).toBe('2026-03-28T23:00:00.000Z')
  expect(start('2026-03-30', 'Europe/Berlin')).toBe('2026-03-29T22:00:00.000Z')
  expect(start('2026-10-25', 'Europe/Berlin')).toBe('2026-10-24T22:00:00.000Z')
  expect(start('2026-10-26', 'Europe/Berlin')).toBe('2026-10-25T23:00:00.000Z')
  expect(start('2026-11-01', 'America/New_York')).toBe('2026-11-01T04:00:00.000Z')
})

test('only real days are days', () => {
  expect(['2026-02-30', '2026-2-3', 'today', ''].some(isDay)).toBe(false)
  expect(isDay('2028-02-29')).toBe(true)
})

test('times are told by the clock of the zone', () => {
  expect(formatTime('2026-11-20T08:05:00Z', 'Europe/Berlin')).toMatch(/09:05/)
  expect(formatDay('2026-11-20', 'chart')).toBe('Nov 20')
  expect(zoneLabel('Europe/Berlin', new Date('2026-07-01T12:00:00Z'))).toBe('Europe/Berlin (GMT+2)')
  expect(zoneLabel('America/New_York', new Date('2026-12-01T12:00:00Z'))).toBe(
    'America/New York (GMT-5)',
  )
})

describe('full hours', () => {
  test('are those of the zone, also where it is half an hour off', () => {
    expect(floorHour(at('2026-11-20T08:40:10Z'), 'Europe/Berlin')).toBe(at('2026-11-20T08:00:00Z'))
    expect(floorHour(at('2026-11-20T08:40:10Z'), 'Asia/Kolkata')).toBe(at('2026-11-20T08:30:00Z'))
    expect(floorHour(at('2026-11-20T08:40:10Z'), 'Asia/Kathmandu')).toBe(at('2026-11-20T08:15:00Z'))
  })
  test('round up to the next one, and stay when they are one', () => {
    expect(ceilHour(at('2026-11-20T08:00:01Z'), 'UTC')).toBe(at('2026-11-20T09:00:00Z'))
    expect(ceilHour(at('2026-11-20T08:00:00Z'), 'UTC')).toBe(at('2026-11-20T08:00:00Z'))
  })
})

test('how long ago is told in the largest unit, and a clock that runs ahead is just now', () => {
  const now = new Date('2026-11-20T12:00:00Z')
  expect(ago('2026-11-20T11:59:30Z', now)).toBe('just now')
  expect(ago('2026-11-20T12:05:00Z', now)).toBe('just now')
  expect(ago('2026-11-20T11:20:00Z', now)).toBe('40 minutes ago')
  expect(ago('2026-11-18T11:00:00Z', now)).toBe('2 days ago')
})

test('the picker offers the own zone first and each zone once', () => {
  const all = zones()
  expect(all[0]).toBe('America/New_York')
  expect(new Set(all).size).toBe(all.length)
  expect(all).toContain('UTC')
})
