// A small picture that opens large, with its time and what was in front.
import { UnstyledButton } from '@mantine/core'
import { formatTime } from '~/lib/time'
import { Picture } from './picture'
import { altOf, type Shot } from './shot'
import c from './shot-button.module.css'

type ShotButtonProps = {
  shot: Shot
  zone: string
  onOpen: (id: string) => void
  /** Whose it is, where several people's stand side by side. */
  names?: boolean
}

export function ShotButton({ shot, zone, onOpen, names = false }: ShotButtonProps) {
  const time = formatTime(shot.taken_at, zone)
  const alt = altOf(shot, time)
  return (
    <UnstyledButton
      className={c.shot}
      data-shot={shot.id}
      onClick={() => onOpen(shot.id)}
      aria-label={`Open screenshot: ${alt}`}
    >
      <Picture id={shot.id} size="thumbnail" alt={alt} width={16} height={9} />
      <span className={c.caption}>
        <span className="numbers">{time}</span>
        <span className={c.app}>{names ? shot.user_name : shot.app}</span>
      </span>
    </UnstyledButton>
  )
}
