//! What an admin's first page shows besides today: hours by day and team beside what was to be expected, when in the week people work, devices that
//! somebody should look after, and the first steps of a new company. Admins only.

mod days;
pub(crate) mod devices;
mod hours;
mod steps;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(api: &mut ServiceConfig) {
    api.service(days::show_overview_days)
        .service(hours::show_overview_hours)
        .service(devices::list_overview_devices)
        .service(steps::show_first_steps)
        .service(steps::dismiss_first_steps)
        .service(steps::restore_first_steps);
}
