// Names for what the API answers, all taken from the generated `paths`: no wire type is written by hand.
import type { paths } from './schema'

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'
type Responses<P extends keyof paths, M extends Method> = paths[P] extends {
  [K in M]: { responses: infer R }
}
  ? R
  : never
type Success<R> = R extends { 200: infer S } ? S : R extends { 201: infer S } ? S : never

/** The JSON body of a success. */
export type Answer<P extends keyof paths, M extends Method = 'get'> =
  Success<Responses<P, M>> extends { content: { 'application/json': infer B } } ? B : never

/** The JSON body of a request. */
export type Input<P extends keyof paths, M extends Method = 'post'> = paths[P] extends {
  [K in M]: { requestBody: { content: { 'application/json': infer B } } }
}
  ? B
  : never

export type SignedIn = Answer<'/api/auth/sign-in', 'post'>
export type Role = SignedIn['role']
export type Me = Answer<'/api/me'>
export type SignIn = Answer<'/api/me/sign-ins'>['items'][number]
export type Companies = Answer<'/api/owner/companies'>
export type Company = Companies['items'][number]
export type Summary = Answer<'/api/owner/summary'>
export type System = Answer<'/api/owner/system'>
export type CompanyDetail = Answer<'/api/owner/companies/{company_id}'>
export type CompanyCreated = Answer<'/api/owner/companies', 'post'>
export type CompanyStatus = Company['status']
export type UsageDay = Answer<'/api/owner/companies/{company_id}/usage'>['items'][number]
export type SubscriptionEntry =
  Answer<'/api/owner/companies/{company_id}/subscriptions'>['items'][number]
export type Plan = Answer<'/api/owner/plans'>['items'][number]
export type PlanOfOwner = Answer<'/api/owner/plans/{plan_id}'>
export type Price = PlanOfOwner['prices'][number]
export type Features = PlanOfOwner['features']
export type PlanSimulation = Answer<'/api/owner/plans/{plan_id}/simulate', 'post'>
export type OverviewReport = Answer<'/api/owner/reports/overview'>
export type UsageReport = Answer<'/api/owner/reports/usage'>
export type PlansReport = Answer<'/api/owner/reports/plans'>
export type RevenueReport = Answer<'/api/owner/reports/revenue'>
export type CurrencyRevenue = RevenueReport['currencies'][number]
export type RevenueMonth = CurrencyRevenue['months'][number]
export type GrowthReport = Answer<'/api/owner/reports/growth'>
export type ExchangeRate = Answer<'/api/owner/exchange-rates'>['items'][number]
export type Note = Answer<'/api/owner/companies/{company_id}/notes'>['items'][number]
export type Overrides = Answer<'/api/owner/companies/{company_id}/overrides'>
export type OwnerInvited = Answer<'/api/owner/owners', 'post'>
export type OwnerAccount = OwnerInvited['owner']
export type Report = Answer<'/api/reports'>
export type ReportRow = Report['items'][number]
export type ReportKey = ReportRow['group']
export type ReportColumn = Report['columns'][number]
export type SavedReport = Answer<'/api/saved-reports'>['items'][number]
export type ReportSchedule = NonNullable<SavedReport['schedule']>
export type ReportFile = Answer<'/api/report-files'>['items'][number]
export type ReportParameters = SavedReport['report']
export type AuditPage = Answer<'/api/owner/audit'>
export type AuditEntry = AuditPage['items'][number]
export type CompanyAuditPage = Answer<'/api/audit'>
export type CompanyAuditEntry = CompanyAuditPage['items'][number]
export type Period = Price['period']
export type Employees = Answer<'/api/employees'>
export type Employee = Employees['items'][number]
export type EmployeeInvited = Answer<'/api/employees', 'post'>
export type Erasure = Answer<'/api/owner/erasures'>['items'][number]
export type ErasureDetail = Answer<'/api/owner/erasures/{company_id}'>
export type Removal = Answer<'/api/removals'>['items'][number]
export type CompanySettings = Answer<'/api/settings'>
export type CompanyExport = Answer<'/api/exports'>['items'][number]
export type OwnExport = Answer<'/api/me/exports'>['items'][number]
export type Teams = Answer<'/api/teams'>
export type Team = Teams['items'][number]
export type LedTeams = Answer<'/api/led-teams'>
export type LedTeam = LedTeams['items'][number]
export type LedPerson = Answer<'/api/led-teams/{team_id}/people'>['items'][number]
export type LedDays = Answer<'/api/led-teams/{team_id}/days'>
export type Device = Answer<'/api/employees/{employee_id}/devices'>['items'][number]
export type EffectiveSettings = Answer<'/api/employees/{employee_id}/settings'>
export type WorkSessions = Answer<'/api/work-sessions'>
export type WorkSession = WorkSessions['items'][number]
export type Alerts = Answer<'/api/alerts'>
export type Alert = Alerts['items'][number]
export type AlertRule = Answer<'/api/alert-rules'>['items'][number]
export type AlertRulePatch = Input<'/api/alert-rules/{alert_rule_id}', 'patch'>
export type MyAlertRule = Answer<'/api/me/alert-rules'>['items'][number]
export type Notification = Answer<'/api/notifications'>['items'][number]
export type Unread = Answer<'/api/notifications/unread'>
export type NotificationPreferences = Answer<'/api/me/notification-preferences'>
export type NotificationPreferencesPatch = Input<'/api/me/notification-preferences', 'patch'>
export type Tasks = Answer<'/api/tasks'>
export type Task = Tasks['items'][number]
export type TaskPatch = Input<'/api/tasks/{task_id}', 'patch'>
export type TaskComments = Answer<'/api/tasks/{task_id}/comments'>
export type TaskComment = TaskComments['items'][number]
export type TaskChanges = Answer<'/api/tasks/{task_id}/changes'>
export type TaskChange = TaskChanges['items'][number]
export type TaskTime = Answer<'/api/tasks/{task_id}/time'>
export type AccessEntry = Answer<'/api/employees/{employee_id}/access-entries'>['items'][number]
export type ApiTokens = Answer<'/api/api-tokens'>
export type ApiToken = ApiTokens['items'][number]
export type ApiTokenCreated = Answer<'/api/api-tokens', 'post'>
export type TokenScope = Input<'/api/api-tokens'>['scopes'][number]
export type DayTotals = Answer<'/api/usage/daily'>['items'][number]
export type UsageBreakdown = Answer<'/api/usage'>
export type UsageEntry = UsageBreakdown['items'][number]
export type CategoryUsage = Answer<'/api/usage/categories'>
export type RuleList = Answer<'/api/rules'>
export type Rule = RuleList['items'][number]
export type NewRule = Input<'/api/rules', 'put'>['items'][number]
export type RuleTest = Input<'/api/rules/test'>
export type RuleVerdict = Answer<'/api/rules/test', 'post'>
export type RuleCandidate = Answer<'/api/rules/candidates'>['items'][number]
export type Reclassification = Answer<'/api/rules/reclassification'>
export type Live = Answer<'/api/live'>
export type LivePerson = Live['items'][number]
export type LiveState = LivePerson['state']
export type OverviewDays = Answer<'/api/overview/days'>
export type OverviewHours = Answer<'/api/overview/hours'>
export type OverviewSeries = OverviewDays['series'][number]
export type OverviewDevices = Answer<'/api/overview/devices'>
export type OverviewDevice = OverviewDevices['items'][number]
export type FirstSteps = Answer<'/api/overview/first-steps'>
export type Timeline = Answer<'/api/timeline'>
export type Segment = Timeline['segments'][number]
export type Slot = Timeline['slots'][number]
export type Screenshot = Timeline['screenshots'][number]
export type Gallery = Answer<'/api/screenshots'>
export type GalleryShot = Gallery['items'][number]
export type GallerySlot = Answer<'/api/screenshots/slots'>['items'][number]
export type Disputes = Answer<'/api/disputes'>
export type Dispute = Disputes['items'][number]
export type NewDispute = Input<'/api/disputes'>
export type ManualTimes = Answer<'/api/manual-times'>
export type ManualTime = ManualTimes['items'][number]
export type ManualTimeRules = Answer<'/api/manual-times/rules'>
export type MyPolicy = NonNullable<Answer<'/api/me/monitoring-policy'>['policy']>
export type Policy = Answer<'/api/monitoring-policies'>['items'][number]
export type PolicyKind = Input<'/api/monitoring-policies'>['kinds'][number]
export type PersonAcknowledgement =
  Answer<'/api/monitoring-policies/acknowledgements'>['items'][number]
export type Timer = Answer<'/api/me/timer'>
export type StoppedTimer = Answer<'/api/me/timer/stop', 'post'>
