// Where the shell will be, while the session is restored. In the first chunk, so it draws with nothing but styles.
import c from './shell-outline.module.css'

export function ShellOutline() {
  return (
    <div className={c.outline} aria-busy="true">
      <output className="visually-hidden">Loading</output>
      <div className={c.side} />
      <div className={c.bar} />
    </div>
  )
}
