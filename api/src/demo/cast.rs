//! Who works where in the demo, and with what.

use super::DAYS;

/// A company of the demo.
pub(super) struct Company<'a> {
    pub name: &'static str,
    pub slug: &'static str,
    pub zone: &'static str,
    pub status: &'static str,
    pub currency: &'static str,
    /// Days ago: made, and (for a suspended one) stopped.
    pub made: i64,
    pub stopped: i64,
    /// What became of its subscription. The last of it is how the company stands.
    pub history: &'static [Event],
    /// Days whose raw rows are made up, today included.
    pub days: i64,
    pub teams: &'a [&'a str],
    pub people: &'a [Person<'a>],
}

/// Something that happened to a company: event, status and plan after it, days ago, reason.
pub(super) type Event = (
    &'static str,
    &'static str,
    &'static str,
    i64,
    Option<&'static str>,
);

/// Who pays in dollars and moved in every way in which one can.
static ACME: [Event; 8] = [
    ("created", "TRIAL", "PRO", 425, None),
    ("activated", "ACTIVE", "PRO", 411, Some(PAID)),
    (
        "plan_changed",
        "ACTIVE",
        "ENTERPRISE",
        322,
        Some("Took over a second site"),
    ),
    (
        "plan_changed",
        "ACTIVE",
        "PRO",
        228,
        Some("Sold the second site"),
    ),
    ("suspended", "SUSPENDED", "PRO", 170, Some(UNPAID)),
    (
        "reactivated",
        "ACTIVE",
        "PRO",
        121,
        Some("Both invoices paid"),
    ),
    ("renewed", "ACTIVE", "PRO", 60, None),
    ("renewed", "ACTIVE", "PRO", 29, None),
];
static BOREALIS: [Event; 1] = [("created", "TRIAL", "PRO", 12, None)];
/// Who pays in euro, and ceased to.
static COBALT: [Event; 7] = [
    ("created", "TRIAL", "PRO", 366, None),
    ("activated", "ACTIVE", "PRO", 352, Some(PAID)),
    (
        "plan_changed",
        "ACTIVE",
        "ENTERPRISE",
        275,
        Some("More drivers"),
    ),
    ("expired", "EXPIRED", "ENTERPRISE", 205, None),
    (
        "reactivated",
        "ACTIVE",
        "ENTERPRISE",
        150,
        Some("Back after the season"),
    ),
    ("plan_changed", "ACTIVE", "PRO", 85, Some("Fewer drivers")),
    ("suspended", "SUSPENDED", "PRO", 12, Some(UNPAID)),
];
const PAID: &str = "First invoice paid";
pub(super) const UNPAID: &str = "Two invoices unpaid";

pub(super) struct Person<'a> {
    pub name: &'a str,
    /// Before the `@` of the company's domain.
    pub mailbox: &'a str,
    pub is_admin: bool,
    pub work: &'static Work,
    /// Works today whatever day and hour it is, so that there is something to see.
    pub is_here_today: bool,
    pub has_left: bool,
}

/// What somebody of a profession has in front.
pub(super) struct Work {
    pub tools: &'static [Tool],
    pub pages: &'static [Page],
}

pub(super) struct Tool {
    pub app: &'static str,
    /// How often, in relation to the others.
    pub weight: u32,
    /// Keys a minute, at most.
    pub keys: u32,
    pub titles: &'static [&'static str],
}

/// Host, path, title.
pub(super) type Page = (&'static str, &'static str, &'static str);

/// Its titles are the pages'.
pub(super) const BROWSER: &str = "Firefox";

const fn tool(app: &'static str, weight: u32, keys: u32, titles: &'static [&'static str]) -> Tool {
    Tool {
        app,
        weight,
        keys,
        titles,
    }
}

const CHAT: Tool = tool(
    "Chat",
    12,
    120,
    &["#general", "#release", "Stand-up notes", "Mara Lindqvist"],
);
const MAIL: Tool = tool(
    "Thunderbird",
    10,
    110,
    &[
        "Inbox",
        "Re: Delivery on Thursday",
        "Re: Quote 2219",
        "Minutes of Monday",
    ],
);
const CALL: Tool = tool(
    "Meet",
    8,
    15,
    &["Weekly planning", "Customer call", "Design review"],
);

pub(super) static DEVELOPER: Work = Work {
    tools: &[
        tool(
            "Code",
            40,
            190,
            &[
                "routes.rs — parcel-api",
                "schema.sql — parcel-api",
                "cart.tsx — web-shop",
                "README.md — web-shop",
                "labels.rs — parcel-api",
            ],
        ),
        tool(
            "xterm",
            18,
            140,
            &["cargo test", "git log", "psql parcels", "npm run dev"],
        ),
        tool(BROWSER, 20, 45, &[]),
        CHAT,
        MAIL,
        CALL,
    ],
    pages: &[
        ("docs.rs", "/diesel/latest", "diesel - Rust"),
        (
            "developer.mozilla.org",
            "/en-US/docs/Web/CSS/grid",
            "grid - CSS",
        ),
        (
            "git.example",
            "/parcel-api/pulls",
            "Pull requests - parcel-api",
        ),
        ("board.example", "/board", "Sprint board"),
        (
            "www.postgresql.org",
            "/docs/current/ddl-partitioning.html",
            "Table Partitioning",
        ),
        ("news.example", "/technology", "Technology"),
    ],
};

pub(super) static DESIGNER: Work = Work {
    tools: &[
        tool(
            "Inkscape",
            32,
            30,
            &["checkout-flow.svg", "icons-24.svg", "poster-spring.svg"],
        ),
        tool("GIMP", 16, 20, &["hero-photo.xcf", "team-portraits.xcf"]),
        tool(BROWSER, 24, 40, &[]),
        tool("LibreOffice Impress", 8, 60, &["Brand guide.odp"]),
        CHAT,
        MAIL,
        CALL,
    ],
    pages: &[
        ("fonts.example", "/serif", "Serif families"),
        ("photos.example", "/search/warehouse", "Warehouse - Photos"),
        ("developer.mozilla.org", "/en-US/docs/Web/SVG", "SVG"),
        ("board.example", "/spring-campaign", "Spring campaign"),
    ],
};

pub(super) static SUPPORT: Work = Work {
    tools: &[
        tool(BROWSER, 46, 110, &[]),
        tool(
            "LibreOffice Writer",
            10,
            150,
            &["Answer templates.odt", "Return policy.odt"],
        ),
        tool(
            "Softphone",
            14,
            10,
            &["Call with a customer", "Queue: returns"],
        ),
        CHAT,
        MAIL,
    ],
    pages: &[
        ("desk.example", "/tickets", "Open tickets"),
        ("desk.example", "/tickets/48213", "Parcel arrived open"),
        ("desk.example", "/tickets/48220", "Where is my refund?"),
        ("wiki.example", "/returns", "How returns work"),
        ("tracking.example", "/parcel", "Track a parcel"),
    ],
};

pub(super) static SALES: Work = Work {
    tools: &[
        tool(
            "LibreOffice Calc",
            26,
            90,
            &["Quotes Q4.ods", "Forecast.ods", "Price list.ods"],
        ),
        tool(BROWSER, 28, 70, &[]),
        tool(
            "LibreOffice Writer",
            10,
            130,
            &["Offer 2219.odt", "Contract draft.odt"],
        ),
        CHAT,
        MAIL,
        CALL,
    ],
    pages: &[
        ("crm.example", "/accounts", "Accounts"),
        ("crm.example", "/pipeline", "Pipeline"),
        ("maps.example", "/route", "Route planner"),
        ("registry.example", "/company", "Company search"),
    ],
};

pub(super) static LEAD: Work = Work {
    tools: &[
        tool(BROWSER, 24, 60, &[]),
        tool(
            "LibreOffice Calc",
            16,
            80,
            &["Budget 2027.ods", "Holiday plan.ods"],
        ),
        tool(
            "LibreOffice Writer",
            12,
            140,
            &["Goals.odt", "Job advert.odt"],
        ),
        CHAT,
        MAIL,
        CALL,
    ],
    pages: &[
        ("board.example", "/board", "Sprint board"),
        ("wiki.example", "/handbook", "Handbook"),
        ("bank.example", "/payments", "Payments"),
        ("news.example", "/business", "Business"),
    ],
};

const fn person(name: &'static str, mailbox: &'static str, work: &'static Work) -> Person<'static> {
    Person {
        name,
        mailbox,
        is_admin: false,
        work,
        is_here_today: false,
        has_left: false,
    }
}

const fn here(person: Person<'static>) -> Person<'static> {
    Person {
        is_here_today: true,
        ..person
    }
}

const fn admin(name: &'static str) -> Person<'static> {
    Person {
        is_admin: true,
        ..person(name, "admin", &LEAD)
    }
}

static TEAMS: [&str; 2] = ["Product", "Services"];

pub(super) static COMPANIES: [Company<'static>; 3] = [
    Company {
        name: "Acme Ltd",
        slug: "acme",
        zone: "Europe/Berlin",
        status: "ACTIVE",
        currency: "USD",
        made: 425,
        stopped: 0,
        history: &ACME,
        days: DAYS,
        teams: &TEAMS,
        people: &[
            here(admin("Anneke Visser")),
            here(person("Emil Sommer", "employee", &DEVELOPER)),
            here(person("Mara Lindqvist", "mara", &DEVELOPER)),
            here(person("Tomasz Zielinski", "tomasz", &SUPPORT)),
            here(person("Ines Carvalho", "ines", &DESIGNER)),
            person("Jonas Albrecht", "jonas", &DEVELOPER),
            person("Priya Raman", "priya", &DEVELOPER),
            person("Leonie Fuchs", "leonie", &SALES),
            person("Oskar Nyberg", "oskar", &SALES),
            person("Nadia Haddad", "nadia", &SUPPORT),
            person("Felix Moreau", "felix", &SUPPORT),
            person("Yuki Tanaka", "yuki", &DESIGNER),
            person("Henrik Dahl", "henrik", &LEAD),
            person("Clara Neumann", "clara", &SALES),
            person("Samuel Okafor", "samuel", &SUPPORT),
            Person {
                has_left: true,
                ..person("Bruno Keller", "bruno", &SALES)
            },
        ],
    },
    Company {
        name: "Borealis Design",
        slug: "borealis",
        zone: "America/New_York",
        status: "TRIAL",
        currency: "USD",
        made: 12,
        stopped: 0,
        history: &BOREALIS,
        days: DAYS,
        teams: &TEAMS,
        people: &[
            admin("Grace Whitfield"),
            here(person("Ethan Brooks", "ethan", &DESIGNER)),
            person("Maya Torres", "maya", &DESIGNER),
            person("Owen Price", "owen", &DEVELOPER),
            person("Hannah Cole", "hannah", &SALES),
            person("Lucas Reyes", "lucas", &DESIGNER),
        ],
    },
    Company {
        name: "Cobalt Freight",
        slug: "cobalt",
        zone: "Asia/Tokyo",
        status: "SUSPENDED",
        currency: "EUR",
        made: 366,
        stopped: 12,
        history: &COBALT,
        days: DAYS,
        teams: &TEAMS,
        people: &[
            admin("Haruto Mori"),
            person("Aiko Sato", "aiko", &SUPPORT),
            person("Ren Kobayashi", "ren", &SALES),
        ],
    },
];
