import Foundation
import SQLDatabase
import SQLiteBackend

// Writes rows until it is killed, and says each one's number once it is committed.
// Usage: sqlite-writer FILE SYNCHRONOUS

let arguments = CommandLine.arguments
guard arguments.count == 3, let synchronous = SQLiteConfiguration.Synchronous(rawValue: arguments[2]) else {
    FileHandle.standardError.write(Data("usage: sqlite-writer FILE OFF|NORMAL|FULL\n".utf8))
    exit(64)
}
let database = try SQLiteDatabase(
    SQLiteConfiguration(path: arguments[1], synchronous: synchronous, checkpointInterval: .milliseconds(10)))
let house = Task { await database.run() }
try await database.write { connection in
    try await connection.executeScript(
        "CREATE TABLE IF NOT EXISTS rows (n INTEGER PRIMARY KEY, half TEXT, other TEXT)")
}
var number = try await database.read { try await $0.query("SELECT coalesce(max(n), 0) FROM rows") }[0].decode(
    0, as: Int.self)
while true {
    number += 1
    let next = number
    let text = String(repeating: "\(next) ", count: 40)
    try await database.write { connection in
        try await connection.execute("INSERT INTO rows (n, half) VALUES (\(next), \(text))")
        try await connection.execute("UPDATE rows SET other = half WHERE n = \(next)")
    }
    var line = Array("\(next)\n".utf8)
    _ = write(1, &line, line.count)
}
