import RedisBackend

// Nothing listens on port 1: the error names what is wrong.
let client = try RedisClient(RedisConfiguration(port: 1, connectTimeout: .milliseconds(200)))
do {
    print(try await client.send(["PING"]))
} catch {
    print("as expected:", error)
}
await client.shutdown()
