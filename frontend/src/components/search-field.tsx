// A search box that writes to the address a moment after typing stops; `initial` is what the address says.
import { CloseButton, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { Search } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'

type SearchFieldProps = {
  label: string
  initial: string | undefined
  onSearch: (q: string | undefined) => void
}

export function SearchField({ label, initial, onSearch }: SearchFieldProps) {
  const [value, setValue] = useState(initial ?? '')
  const told = useRef(initial)
  const tell = useDebouncedCallback((q: string) => {
    told.current = q.trim() || undefined
    onSearch(told.current)
  }, 250)
  // Back, forward and "clear filters" change the address without this box; our own change may lag behind typing.
  useEffect(() => {
    if (initial === told.current) return
    told.current = initial
    setValue(initial ?? '')
  }, [initial])
  const change = (q: string) => {
    setValue(q)
    tell(q)
  }
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={label}
      leftSection={<Search size={16} aria-hidden />}
      rightSection={value && <CloseButton aria-label="Clear search" onClick={() => change('')} />}
      value={value}
      onChange={(event) => change(event.currentTarget.value)}
      autoComplete="off"
    />
  )
}
