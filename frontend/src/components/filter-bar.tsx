// Search, filters and export above a list: one line on a desk, stacked on a phone.
import type { ReactNode } from 'react'
import c from './filter-bar.module.css'

type FilterBarProps = { search: ReactNode; filters: ReactNode; actions: ReactNode }

export function FilterBar({ search, filters, actions }: FilterBarProps) {
  return (
    <search className={c.bar}>
      <div className={c.search}>{search}</div>
      <div className={c.filters}>{filters}</div>
      <div className={c.actions}>{actions}</div>
    </search>
  )
}
