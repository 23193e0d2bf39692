// One picture large, with its neighbours a key away: ← → move, + − zoom, Escape closes. Somebody else's is blurred until its
// original is opened with a reason, each one anew.
import { ActionIcon, Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useWindowEvent } from '@mantine/hooks'
import { useQueryClient } from '@tanstack/react-query'
import { ChevronLeft, ChevronRight, Eye, Trash2, ZoomIn, ZoomOut } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useMe } from '~/api/me'
import { TaskLink } from '~/components/tasks/task-link'
import { WithReason } from '~/components/with-reason'
import { whyReadOnly } from '~/lib/can'
import { duration, percent } from '~/lib/format'
import { formatDateTime, zoneLabel } from '~/lib/time'
import { DeleteForm } from './delete-form'
import c from './lightbox.module.css'
import { OriginalForm } from './original-form'
import { Frame, Picture } from './picture'
import { pictureQuery } from './queries'
import { altOf, isWhole, type Shot } from './shot'

const ZOOMS = [1, 1.5, 2, 3]

type LightboxProps = {
  shots: Shot[]
  shot: Shot
  zone: string
  /** Whether the company shows originals, where that is known before one is asked for. */
  originals?: boolean
  /** Whether the company lets people delete pictures of themselves. */
  ownMayGo?: boolean
  onShow: (id: string) => void
  onClose: () => void
}

export default function Lightbox({
  shots,
  shot,
  zone,
  originals,
  ownMayGo,
  onShow,
  onClose,
}: LightboxProps) {
  const me = useMe()
  const index = shots.findIndex(({ id }) => id === shot.id)
  const [zoom, setZoom] = useState(0)
  // Of one picture only: the next one is asked for anew.
  const [opened, setOpened] = useState<{ of: string; file: Blob }>()
  const stage = useRef<HTMLElement>(null)
  // What had focus goes with its form; the keys go on from the picture.
  const toStage = () => stage.current?.focus()
  const cache = useQueryClient()
  const next = shots[index + 1]
  const nextSize = next && (isWhole(next, me) ? 'image' : 'thumbnail')
  useEffect(() => {
    if (next && nextSize) void cache.prefetchQuery(pictureQuery(next.id, nextSize))
  }, [cache, next, nextSize])

  const step = (by: number) => {
    const target = shots[index + by]
    if (!target) return
    setZoom(0)
    setOpened(undefined)
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
  // On the window, as focus comes into the dialog a moment after it is seen. With a modifier a key is the browser's.
  useWindowEvent('keydown', (event) => {
    const act = keys[event.key]
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return
    if ((event.target as Element).matches?.('input, select, textarea')) return
    event.preventDefault()
    act()
  })
  const time = formatDateTime(shot.taken_at, zone)
  const shape = {
    alt: altOf(shot, time),
    width: shot.width,
    height: shot.height,
    scale: ZOOMS[zoom] ?? 1,
  }
  const whole = isWhole(shot, me)
  const original = opened?.of === shot.id ? opened.file : undefined
  return (
    <Modal
      opened
      onClose={onClose}
      size="min(1320px, 96vw)"
      title={`Screenshot ${index + 1} of ${shots.length}`}
      transitionProps={{ duration: 0 }}
    >
      <div className={c.both}>
        <section
          ref={stage}
          className={c.stage}
          aria-label="Picture"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a zoomed picture is scrolled by keyboard
          tabIndex={0}
        >
          {original ? (
            <Frame file={original} {...shape} />
          ) : (
            <Picture
              key={shot.id}
              id={shot.id}
              size={whole ? 'image' : 'thumbnail'}
              soon
              {...shape}
            />
          )}
        </section>
        <aside className={c.panel} aria-label="About this picture">
          <Group gap={6} wrap="nowrap">
            <Tool
              label="Previous picture"
              icon={ChevronLeft}
              off={index <= 0}
              act={() => step(-1)}
            />
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
          <Facts shot={shot} zone={zone} time={time} />
          <Actions
            key={shot.id}
            shot={shot}
            sharpness={whole ? 'whole' : original ? 'original' : 'blurred'}
            originals={originals}
            mayGo={me.role === 'ADMIN' || (!!ownMayGo && shot.user_id === me.id)}
            onOriginal={(file) => {
              setOpened({ of: shot.id, file })
              toStage()
            }}
            onLeave={toStage}
            onDeleted={() => {
              toStage()
              const neighbour = shots[index + 1] ?? shots[index - 1]
              if (neighbour) onShow(neighbour.id)
              else onClose()
            }}
          />
        </aside>
      </div>
    </Modal>
  )
}

function Facts({ shot, zone, time }: { shot: Shot; zone: string; time: string }) {
  const { app, title, task, tracked_seconds = 0, active_seconds = 0 } = shot
  return (
    <div aria-live="polite">
      <Text size="sm" fw={600}>
        {shot.user_name}
      </Text>
      <Text size="sm">{time}</Text>
      <Text size="xs" c="dimmed" mb={8}>
        {zoneLabel(zone, new Date(shot.taken_at))}
        {`, display ${shot.display + 1}, ${shot.width} × ${shot.height}`}
      </Text>
      {app && (
        <Text size="sm" className={c.words}>
          {title ? `${app}: ${title}` : app}
        </Text>
      )}
      {task && (
        <Text size="sm" className={c.words}>
          Task: <TaskLink task={task} />
        </Text>
      )}
      {tracked_seconds > 0 && (
        <Text size="sm" className="numbers">
          {`${percent(active_seconds, tracked_seconds) ?? '–'} active of ${duration(tracked_seconds)} observed in its ten minutes`}
        </Text>
      )}
    </div>
  )
}

type ActionsProps = {
  shot: Shot
  sharpness: 'whole' | 'original' | 'blurred'
  originals: boolean | undefined
  mayGo: boolean
  onOriginal: (file: Blob) => void
  onLeave: () => void
  onDeleted: () => void
}

function Actions({
  shot,
  sharpness,
  originals,
  mayGo,
  onOriginal,
  onLeave,
  onDeleted,
}: ActionsProps) {
  const me = useMe()
  const [form, setForm] = useState<'original' | 'delete'>()
  const readOnly = whyReadOnly(me)
  const hidden = originals === false ? 'The company shows no originals.' : undefined
  const close = () => {
    setForm(undefined)
    onLeave()
  }
  if (form === 'original' && sharpness === 'blurred')
    return (
      <OriginalForm
        shot={shot}
        onOriginal={(file) => {
          setForm(undefined)
          onOriginal(file)
        }}
        onClose={close}
      />
    )
  if (form === 'delete')
    return (
      <DeleteForm
        shot={shot}
        isOwn={shot.user_id === me.id}
        onDeleted={onDeleted}
        onClose={close}
      />
    )
  return (
    <Stack gap="xs" align="flex-start">
      <Text size="sm" c="dimmed">
        {sharpnessWords(shot, sharpness)} {sharpness === 'blurred' && hidden}
      </Text>
      {sharpness === 'blurred' && (
        <WithReason reason={readOnly ?? hidden}>
          {(blocked) => (
            <Button
              variant="default"
              leftSection={<Eye size={16} aria-hidden />}
              onClick={() => setForm('original')}
              {...blocked}
            >
              Show original…
            </Button>
          )}
        </WithReason>
      )}
      {mayGo && (
        <WithReason reason={readOnly}>
          {(blocked) => (
            <Button
              variant="subtle"
              color="red"
              leftSection={<Trash2 size={16} aria-hidden />}
              onClick={() => setForm('delete')}
              {...blocked}
            >
              Delete…
            </Button>
          )}
        </WithReason>
      )}
    </Stack>
  )
}

function sharpnessWords({ blurred }: Shot, sharpness: ActionsProps['sharpness']): string {
  if (blurred) return 'Blurred on the device before it was sent: no original exists.'
  if (sharpness === 'blurred') return 'Blurred by the server: nothing sharper was sent to you.'
  if (sharpness === 'original') return 'The original. The person finds this look, with your reason.'
  return 'As it was recorded. Others see it blurred.'
}

type ToolProps = { label: string; icon: typeof ZoomIn; off: boolean; act: () => void }

function Tool({ label, icon: Icon, off, act }: ToolProps) {
  return (
    <ActionIcon variant="default" size={40} aria-label={label} disabled={off} onClick={act}>
      <Icon size={18} aria-hidden />
    </ActionIcon>
  )
}
