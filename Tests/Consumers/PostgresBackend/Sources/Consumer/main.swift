import PostgresBackend

let configuration = try PostgresConfiguration("postgresql://app@localhost/clinic")
let database = try PostgresDatabase(configuration: configuration)
print(database.pool.statistics.limit)
await database.shutdown()
