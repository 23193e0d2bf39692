// Who is signed in, and behind it the theme and the way out.
import { lateMenu } from '../late-menu'
import { AccountButton } from './account-button'

export const UserMenu = lateMenu(AccountButton, () => import('./account-menu'))
