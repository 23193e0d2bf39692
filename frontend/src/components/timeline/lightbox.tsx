// One picture large, with its neighbours a key away: ← → move, + − zoom, Escape closes.
import { ActionIcon, Group, Modal, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { ChevronLeft, ChevronRight, ZoomIn, ZoomOut } from 'lucide-react'
import { type KeyboardEvent, useEffect, useState } from 'react'
import type { Screenshot, Timeline } from '~/api/types'
import { formatDateTime, zoneLabel } from '~/lib/time'
import { appSpans, spanAt } from './day-math'
import c from './lightbox.module.css'
import { Picture } from './picture'
import { pictureQuery } from './queries'

const ZOOMS = [1, 1.5, 2, 3]

type LightboxProps = {
  timeline: Timeline
  shot: Screenshot
  onShow: (id: string) => void
  onClose: () => void
}

export default function Lightbox({ timeline, shot, onShow, onClose }: LightboxProps) {
  const shots = timeline.screenshots
  const index = shots.findIndex(({ id }) => id === shot.id)
  const [zoom, setZoom] = useState(0)
  const cache = useQueryClient()
  const next = shots[index + 1]?.id
  useEffect(() => {
    if (next) void cache.prefetchQuery(pictureQuery(next, 'image'))
  }, [cache, next])

  const step = (by: number) => {
    const target = shots[index + by]
    if (!target) return
    setZoom(0)
    onShow(target.id)
  }
  const magnify = (by: number) => setZoom(Math.min(ZOOMS.length - 1, Math.max(0, zoom + by)))
  const keys: Record<string, () => void> = {
    ArrowLeft: () => step(-1),
    ArrowRight: () => step(1),
    '+': () => magnify(1),
    '=': () => magnify(1),
    '-': () => magnify(-1),
  }
  const press = (event: KeyboardEvent) => {
    const act = keys[event.key]
    if (!act) return
    event.preventDefault()
    act()
  }
  const time = formatDateTime(shot.taken_at, timeline.time_zone)
  const app = spanAt(appSpans(timeline.applications), Date.parse(shot.taken_at))
  return (
    <Modal
      opened
      onClose={onClose}
      size="min(1200px, 96vw)"
      title={`Screenshot ${index + 1} of ${shots.length}`}
      onKeyDown={press}
      transitionProps={{ duration: 0 }}
    >
      <section
        className={c.stage}
        aria-label="Picture"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a zoomed picture is scrolled by keyboard
        tabIndex={0}
      >
        <Picture
          key={shot.id}
          id={shot.id}
          size="image"
          alt={[timeline.user.name, time, app?.app].filter(Boolean).join(', ')}
          width={shot.width}
          height={shot.height}
          scale={ZOOMS[zoom] ?? 1}
        />
      </section>
      <Group justify="space-between" mt="sm" gap="sm">
        <div className={c.facts} aria-live="polite">
          <Text size="sm" fw={600}>
            {time}
          </Text>
          <Text size="xs" c="dimmed">
            {zoneLabel(timeline.time_zone, new Date(shot.taken_at))}
            {`, display ${shot.display + 1}, ${shot.width} × ${shot.height}`}
            {shot.blurred && ', blurred on the device'}
          </Text>
          {app && (
            <Text size="sm" truncate>
              {app.app}: {app.title}
            </Text>
          )}
        </div>
        <Group gap={6} wrap="nowrap">
          <Tool label="Previous picture" icon={ChevronLeft} off={index <= 0} act={() => step(-1)} />
          <Tool
            label="Next picture"
            icon={ChevronRight}
            off={index >= shots.length - 1}
            act={() => step(1)}
          />
          <Tool label="Smaller" icon={ZoomOut} off={zoom === 0} act={() => magnify(-1)} />
          <Tool
            label="Larger"
            icon={ZoomIn}
            off={zoom === ZOOMS.length - 1}
            act={() => magnify(1)}
          />
        </Group>
      </Group>
    </Modal>
  )
}

type ToolProps = { label: string; icon: typeof ZoomIn; off: boolean; act: () => void }

function Tool({ label, icon: Icon, off, act }: ToolProps) {
  return (
    <ActionIcon variant="default" size={40} aria-label={label} disabled={off} onClick={act}>
      <Icon size={18} aria-hidden />
    </ActionIcon>
  )
}
