import SQLDatabase
import SQLiteBackend

let database = try SQLiteDatabase(SQLiteConfiguration(path: "/tmp/consumer-\(UInt32.random(in: .min ... .max)).sqlite"))
let rows = try await database.read { try await $0.query("SELECT \(41) + 1 AS answer") }
print(rows)
await database.shutdown()
