// A screenshot's picture: asked for once it is near the view, shown in a box of its own shape, never half loaded.
import { useIntersection } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { ImageOff } from 'lucide-react'
import { type Ref, useEffect, useState } from 'react'
import { useObjectUrl } from '~/lib/object-url'
import c from './picture.module.css'
import { pictureQuery } from './queries'

type ShapeProps = { alt: string; width: number; height: number; scale?: number }
type PictureProps = ShapeProps & { id: string; size: 'thumbnail' | 'image'; soon?: boolean }

/** `soon`: without waiting until it is near the view. */
export function Picture({ id, size, soon = false, ...shape }: PictureProps) {
  const { ref, entry } = useIntersection({ rootMargin: '300px' })
  const inViewport = entry?.isIntersecting ?? false
  const [near, setNear] = useState(soon)
  useEffect(() => {
    if (inViewport) setNear(true)
  }, [inViewport])
  const { data, error } = useQuery({ ...pictureQuery(id, size), enabled: near })
  return <Frame boxRef={ref} file={data} failed={!!error} small={size === 'thumbnail'} {...shape} />
}

type FrameProps = ShapeProps & {
  file: Blob | undefined
  failed?: boolean
  small?: boolean
  boxRef?: Ref<HTMLDivElement>
}

/** The box of a picture whose file is there, or not yet. */
export function Frame({
  file,
  failed = false,
  small = false,
  boxRef,
  alt,
  width,
  height,
  scale = 1,
}: FrameProps) {
  const url = useObjectUrl(file)
  return (
    <div
      ref={boxRef}
      className={c.box}
      style={{ aspectRatio: `${width} / ${height}`, width: `${scale * 100}%` }}
      data-waiting={(!url && !failed) || undefined}
    >
      {url && <img src={url} alt={alt} className={c.picture} />}
      {failed && (
        <span className={c.missing}>
          <ImageOff size={18} aria-hidden />
          <span className={small ? 'visually-hidden' : ''}>
            {alt}: the picture could not be loaded
          </span>
        </span>
      )}
    </div>
  )
}
