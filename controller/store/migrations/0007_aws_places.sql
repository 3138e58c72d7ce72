-- Where Ghost ever made something in AWS: whoever tidies up must look there too when no application names it any more.
CREATE TABLE aws_places (
    region TEXT NOT NULL, account_id TEXT NOT NULL, role_name TEXT NOT NULL, external_id TEXT NOT NULL,
    role_region TEXT NOT NULL, noted_us INTEGER NOT NULL,
    PRIMARY KEY (region, account_id, role_name, external_id, role_region)
) STRICT, WITHOUT ROWID;
