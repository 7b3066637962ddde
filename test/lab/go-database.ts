/** The tables as versions 1 and 2 of the Go program make them (its DB version 1). */
export const goTables = `
  CREATE TABLE acmedns(Name TEXT, Value TEXT);
  CREATE TABLE records(Username TEXT UNIQUE NOT NULL PRIMARY KEY, Password TEXT UNIQUE NOT NULL,
    Subdomain TEXT UNIQUE NOT NULL, AllowFrom TEXT);
  CREATE TABLE txt(Subdomain TEXT NOT NULL, Value TEXT NOT NULL DEFAULT '', LastUpdate INT);
  INSERT INTO acmedns VALUES ('db_version', '1');`;
