import Foundation

/// Certificates that `openssl` makes for one test: an authority, a server `localhost`, a client `certified`, and an
/// authority that signed neither.
public struct Certificates: Sendable {
    /// The folder; ``remove()`` removes it.
    public let folder: String
    /// Files.
    public var authority: String { folder + "/ca.crt" }
    public var stranger: String { folder + "/stranger.crt" }
    public var serverCertificate: String { folder + "/server.crt" }
    public var serverKey: String { folder + "/server.key" }
    public var clientCertificate: String { folder + "/client.crt" }
    public var clientKey: String { folder + "/client.key" }

    /// Makes them.
    public init() async throws {
        folder = FileManager.default.temporaryDirectory.path + "/certificates-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for name in ["ca", "stranger"] {
            try await openssl(
                ["req", "-x509"] + Self.newKey + [
                    "-keyout", "\(folder)/\(name).key", "-out", "\(folder)/\(name).crt", "-subj", "/CN=\(name)",
                    "-days", "2",
                ])
        }
        try "subjectAltName=DNS:localhost".write(toFile: folder + "/names", atomically: true, encoding: .utf8)
        for (name, subject) in [("server", "localhost"), ("client", "certified")] {
            try await openssl(
                ["req"] + Self.newKey + [
                    "-keyout", "\(folder)/\(name).key", "-out", "\(folder)/\(name).csr", "-subj", "/CN=\(subject)",
                ])
            try await openssl([
                "x509", "-req", "-in", "\(folder)/\(name).csr", "-CA", authority, "-CAkey", "\(folder)/ca.key",
                "-CAcreateserial", "-out", "\(folder)/\(name).crt", "-days", "2", "-extfile", "\(folder)/names",
            ])
            chmod("\(folder)/\(name).key", 0o600)
        }
        chmod(folder, 0o755)
        // The server runs as another user where the tests run as root.
        if getuid() == 0, let user = getpwnam("postgres") { chown(serverKey, user.pointee.pw_uid, user.pointee.pw_gid) }
    }

    private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]

    private func openssl(_ arguments: [String]) async throws {
        try await ChildProcess.run("/usr/bin/openssl", arguments)
    }

    /// Removes the folder.
    public func remove() { try? FileManager.default.removeItem(atPath: folder) }
}
