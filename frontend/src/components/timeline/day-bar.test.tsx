// The day bar speaks: one image with a sentence, and a slider that says each block.
import { MantineProvider } from '@mantine/core'
import { cleanup, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test, vi } from 'vitest'
import type { Timeline } from '~/api/types'
import { makeEmployees, makeTimeline } from '~/mocks/people'
import { NOW } from '~/mocks/world'
import { DayBar } from './day-bar'

afterEach(cleanup)

function showWith(change: (timeline: Timeline) => Timeline, onPick = vi.fn()) {
  const [person] = makeEmployees(NOW)
  if (!person) throw new Error('nobody is employed')
  const timeline = change(makeTimeline(person, '2026-11-20', 'Europe/Berlin', NOW))
  const { container } = render(
    <MantineProvider>
      <DayBar timeline={timeline} named={[]} onPick={onPick} />
    </MantineProvider>,
  )
  const slider = screen.getByRole('slider', { name: 'Walk through the day' })
  return { timeline, slider, onPick, container }
}

const show = () => showWith((timeline) => timeline)

test('is an image that says the whole day', () => {
  show()
  expect(screen.getByRole('img', { name: /^Ada Brandt: .* tracked, .* active/ })).toBeTruthy()
})

test('the arrow keys walk from block to block', async () => {
  const { slider, timeline } = show()
  const user = userEvent.setup()
  slider.focus()
  await user.keyboard('{ArrowRight}')
  expect(slider.getAttribute('aria-valuetext')).toContain('Active')
  await user.keyboard('{ArrowRight}')
  expect(slider.getAttribute('aria-valuetext')).toContain('Idle')
  await user.keyboard('{ArrowLeft}')
  expect(slider.getAttribute('aria-valuetext')).toContain('Active')
  await user.keyboard('{End}')
  expect(Number(slider.getAttribute('aria-valuenow'))).toBe(
    Date.parse(timeline.segments.at(-1)?.from ?? ''),
  )
})

test('Enter picks the moment', async () => {
  const { slider, onPick, timeline } = show()
  slider.focus()
  await userEvent.setup().keyboard('{Home}{Enter}')
  expect(onPick).toHaveBeenCalledWith(Date.parse(timeline.segments[0]?.from ?? ''))
})

test('an excluded session is told apart', () => {
  const { container } = showWith((timeline) => ({
    ...timeline,
    sessions: timeline.sessions.map((session) => ({ ...session, excluded: true })),
  }))
  expect(container.querySelectorAll('[data-kind="excluded"]')).toHaveLength(2)
  expect(container.querySelectorAll('[data-kind="session"]')).toHaveLength(0)
})

test('says how active the ten minutes are', async () => {
  const { slider } = show()
  const user = userEvent.setup()
  slider.focus()
  await user.keyboard('{ArrowRight}')
  expect(slider.getAttribute('aria-valuetext')).toContain('active in these ten minutes')
})
