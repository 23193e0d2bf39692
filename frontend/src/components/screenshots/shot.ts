// A picture as gallery and timeline show it, and who may see what of it.
import type { GalleryShot, Me } from '~/api/types'

type Taken = Pick<
  GalleryShot,
  'id' | 'user_id' | 'user_name' | 'taken_at' | 'display' | 'blurred' | 'width' | 'height'
>
type Known = Pick<
  GalleryShot,
  'app' | 'title' | 'task' | 'tracked_seconds' | 'active_seconds' | 'bytes'
>
export type Shot = Taken & { [K in keyof Known]?: Known[K] | undefined }

/** Whether the server sends it whole: the own one, or one of which nothing sharper exists. */
export const isWhole = (shot: Pick<Shot, 'user_id' | 'blurred'>, me: Me) =>
  shot.blurred || shot.user_id === me.id

/** What it shows, for who cannot see it: whose, when, and what was in front. */
export const altOf = ({ user_name, app }: Pick<Shot, 'user_name' | 'app'>, time: string) =>
  [user_name, time, app].filter(Boolean).join(', ')
