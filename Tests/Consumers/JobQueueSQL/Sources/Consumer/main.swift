import JobQueue
import JobQueueSQL
import SQLiteBackend

let database = try SQLiteDatabase(SQLiteConfiguration(path: "/tmp/consumer-\(UInt32.random(in: .min ... .max)).sqlite"))
let store = SQLiteJobStore(database: database)
try await store.migrate()
print(try await JobClient(store: store).store.jobs(JobFilter(limit: 10)).count)
await database.shutdown()
