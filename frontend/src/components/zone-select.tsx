// A time zone by name, the reader's own first.
import { Select, type SelectProps } from '@mantine/core'
import { zoneLabel, zones } from '~/lib/time'

let options: { value: string; label: string }[] | undefined

export function ZoneSelect(props: Omit<SelectProps, 'data'>) {
  // Some 400 zones with their offsets: worth working out once.
  options ??= zones().map((zone) => ({ value: zone, label: zoneLabel(zone) }))
  return (
    <Select
      {...props}
      data={options}
      searchable
      allowDeselect={false}
      limit={60}
      nothingFoundMessage="No such zone"
      comboboxProps={{ transitionProps: { duration: 0 } }}
    />
  )
}
