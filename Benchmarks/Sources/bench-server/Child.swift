import BenchHarness
import Foundation

struct Failure: Error, CustomStringConvertible {
    let description: String
}

/// A server under measurement: a process on a loopback port, in a folder of its own.
final class Child {
    let process = Process()
    let port: Int
    let folder: String
    var url: String { "http://127.0.0.1:\(port)" }

    init(_ program: String, _ arguments: (_ port: Int, _ folder: String) -> [String]) throws {
        port = try freePort()
        folder = NSTemporaryDirectory() + "bench-server-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        _ = FileManager.default.createFile(atPath: "\(folder)/log", contents: nil)
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments(port, folder)
        // A worker's metrics have a port of their own; here nobody asks for them.
        process.environment = ProcessInfo.processInfo.environment.merging(["METRICS_ENABLED": "false"]) { $1 }
        process.standardOutput = FileHandle(forWritingAtPath: "\(folder)/log")
        process.standardError = process.standardOutput
        try process.run()
    }

    /// `patient-server serve` with a SQLite file of its own.
    static func serve(_ program: String, _ more: [String] = []) throws -> Child {
        try Child(program) { port, folder in
            ["serve", "--port", "\(port)"]
                + (more.contains("--database") ? [] : ["--database", "sqlite://\(folder)/db.sqlite"]) + more
        }
    }

    /// Waits until a path answers 200.
    func ready(_ path: String = "/api/v1/health/ready") throws {
        let deadline = now() + 20_000_000_000
        while now() < deadline {
            guard process.isRunning else { break }
            if get(path).status == 200 { return }
            usleep(500)
        }
        let log = (try? String(contentsOfFile: "\(folder)/log", encoding: .utf8)) ?? ""
        throw Failure(description: "no server: \(log.suffix(500))")
    }

    /// One request on a connection of its own.
    func get(_ path: String) -> (status: Int, body: String) {
        request("GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    }

    func post(_ path: String, _ body: String) -> (status: Int, body: String) {
        request(
            "POST \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    private func request(_ text: String) -> (status: Int, body: String) {
        guard let descriptor = connect(to: port) else { return (0, "") }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { return (0, "") }
        var answer: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &part, part.count)
            if count <= 0 { break }
            answer += part.prefix(count)
        }
        let all = String(decoding: answer, as: UTF8.self)
        guard all.hasPrefix("HTTP/1.1 "), let end = all.range(of: "\r\n\r\n") else { return (0, "") }
        return (Int(all.dropFirst(9).prefix(3)) ?? 0, String(all[end.upperBound...]))
    }

    /// Starts a generation and returns its path.
    func generate(_ body: String) throws -> String {
        let answer = post("/api/v1/generation/", body)
        guard answer.status == 202, let id = try field("job_id", answer.body) as? String else {
            throw Failure(description: "not accepted: \(answer)")
        }
        return "/api/v1/jobs/\(id)"
    }

    /// Waits until a job has completed.
    func completed(_ path: String) throws {
        while true {
            let status = try field("status", get(path).body) as? String
            if status == "completed" { return }
            guard status == "queued" || status == "running" else {
                throw Failure(description: "\(path): \(status ?? "?")")
            }
            usleep(20_000)
        }
    }

    private func field(_ name: String, _ text: String) throws -> Any? {
        (try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])?[name]
    }

    /// A figure of the kernel's about the process, in MB.
    func megabytes(_ key: String) throws -> Double { try residentMemory(key, of: process.processIdentifier) }

    func stop() {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(atPath: folder)
    }
}

/// Runs a program to its end and returns what it wrote.
func output(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure(description: "\(program) failed; is it installed?") }
    return String(decoding: data, as: UTF8.self)
}

private func loopback(_ port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
}

private func connect(to port: Int) -> Int32? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = loopback(port)
    let code = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    if code == 0 { return descriptor }
    close(descriptor)
    return nil
}

private func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = loopback(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
        }
    }
    guard bound else { throw Failure(description: "no free port") }
    return Int(in_port_t(bigEndian: address.sin_port))
}
