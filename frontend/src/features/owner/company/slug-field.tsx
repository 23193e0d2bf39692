// A company's short name: proposed while its name is typed, looked up while it is typed itself.
import { TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { api, ok } from '~/api/client'

type SlugFieldProps = {
  name: string
  slug: string
  error: ReactNode
  onChange: (slug: string) => void
}

export function SlugField({ name, slug, error, onChange }: SlugFieldProps) {
  const [own, setOwn] = useState(false)
  const typed = useRef(false)
  const [of] = useDebouncedValue((own ? slug : name).trim().slice(0, 120), 250)
  const proposed = useQuery({
    queryKey: ['slug', of],
    enabled: of !== '',
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ok(api.GET('/api/owner/companies/slug', { params: { query: { of } }, signal })),
  })
  const answer = proposed.isPlaceholderData ? undefined : proposed.data
  useEffect(() => {
    // Asked of the moment: an effect of the render before would take back what was typed since.
    if (!own && !typed.current && answer) onChange(answer.free_slug)
  }, [own, answer, onChange])
  const taken = answer?.slug === slug && !answer.is_free
  const free = answer?.free_slug === slug
  return (
    <TextInput
      label="Short name"
      description="For addresses and files; it stays."
      autoComplete="off"
      spellCheck={false}
      maxLength={60}
      value={slug}
      onChange={({ currentTarget: { value } }) => {
        typed.current = value !== ''
        setOwn(typed.current)
        onChange(value.toLowerCase())
      }}
      error={error ?? (taken ? `Another company has it. ${answer.free_slug} is free.` : undefined)}
      inputWrapperOrder={['label', 'description', 'input', 'error']}
      rightSection={free ? <span role="status">Free</span> : undefined}
      rightSectionWidth={56}
    />
  )
}
