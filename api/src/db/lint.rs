//! The catalogue's lint.

pub struct Report {
    pub findings: Vec<String>,
}

pub fn lint(_jobs_url: &str) -> anyhow::Result<Report> {
    Ok(Report {
        findings: Vec::new(),
    })
}
