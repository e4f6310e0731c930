import SQLDatabase

// What a driver of another database builds on: queries whose values are bound, migrations with checksums.
let name = "Robert'); DROP TABLE wards;--"
let query: SQLQuery = "INSERT INTO wards (name) VALUES (\(name))"
let migration = Migration(id: 1, name: "wards", statements: "CREATE TABLE wards (name TEXT NOT NULL)")
let migrator = try Migrator(namespace: "consumer", migrations: [migration])
print(query, migration.checksum, migrator)
