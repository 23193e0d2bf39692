// A screenshot's picture: asked for once it is near the view, shown in a box of its own shape, never half loaded.
import { useIntersection } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { ImageOff } from 'lucide-react'
import { useEffect, useState } from 'react'
import c from './picture.module.css'
import { pictureQuery } from './queries'

type PictureProps = {
  id: string
  size: 'thumbnail' | 'image'
  alt: string
  width: number
  height: number
  scale?: number
}

export function Picture({ id, size, alt, width, height, scale = 1 }: PictureProps) {
  const { ref, entry } = useIntersection({ rootMargin: '300px' })
  const inViewport = entry?.isIntersecting ?? false
  const [near, setNear] = useState(size === 'image')
  useEffect(() => {
    if (inViewport) setNear(true)
  }, [inViewport])
  const picture = useQuery({ ...pictureQuery(id, size), enabled: near })
  const url = useObjectUrl(picture.data)
  return (
    <div
      ref={ref}
      className={c.box}
      style={{ aspectRatio: `${width} / ${height}`, width: `${scale * 100}%` }}
      data-waiting={(!url && !picture.error) || undefined}
    >
      {url && <img src={url} alt={alt} className={c.picture} />}
      {picture.error && (
        <span className={c.missing}>
          <ImageOff size={18} aria-hidden />
          <span className={size === 'thumbnail' ? 'visually-hidden' : ''}>
            {alt}: the picture could not be loaded
          </span>
        </span>
      )}
    </div>
  )
}

function useObjectUrl(blob: Blob | undefined): string | undefined {
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    if (!blob) return
    const made = URL.createObjectURL(blob)
    setUrl(made)
    return () => {
      setUrl(undefined)
      URL.revokeObjectURL(made)
    }
  }, [blob])
  return url
}
