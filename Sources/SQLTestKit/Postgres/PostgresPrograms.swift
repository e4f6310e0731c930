#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where PostgreSQL's programs are installed.
struct PostgresPrograms: Sendable {
    /// The folder of `initdb` and `postgres`.
    let folder: String

    /// The variable that names the folder.
    static let variable = "VITALS_TEST_POSTGRES_BIN"

    /// The installed programs: in the folder that the environment names, else the newest in the usual folders of
    /// Debian, Red Hat, Homebrew and Postgres.app, else those in `PATH`; `nil` when there are none.
    static let installed: PostgresPrograms? = find()

    private static func find() -> PostgresPrograms? {
        if let named = environmentVariable(variable) { return PostgresPrograms(folder: named) }
        for (root, prefix, suffix) in [
            ("/usr/lib/postgresql", "", "/bin"), ("/usr", "pgsql-", "/bin"),
            ("/opt/homebrew/opt", "postgresql", "/bin"),
            ("/usr/local/opt", "postgresql", "/bin"), ("/Applications/Postgres.app/Contents/Versions", "", "/bin"),
        ] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
            let newest = names.filter { $0.hasPrefix(prefix) }.sorted { version($0) > version($1) }
            for name in newest where areIn("\(root)/\(name)\(suffix)") {
                return PostgresPrograms(folder: "\(root)/\(name)\(suffix)")
            }
        }
        let path = environmentVariable("PATH")?.split(separator: ":").map { String($0) } ?? []
        return path.first { areIn($0) }.map { PostgresPrograms(folder: $0) }
    }

    private static func areIn(_ folder: String) -> Bool {
        ["initdb", "postgres"].allSatisfy { FileManager.default.isExecutableFile(atPath: "\(folder)/\($0)") }
    }

    /// The major version in a folder's name.
    private static func version(_ name: String) -> Int {
        Int(name.drop { !$0.isWholeNumber }.prefix { $0.isWholeNumber }) ?? 0
    }

    /// The words before a command that drop the rights of root, as which the server refuses to run.
    /// - Parameter folder: A folder that the server's user must own.
    static func unprivileged(_ folder: String) throws(SQLTestKitError) -> [String] {
        guard getuid() == 0 else { return [] }
        let remedy = "run the tests as another user, or install util-linux and the user postgres"
        guard let user = getpwnam("postgres") else {
            throw SQLTestKitError(
                .startFailed, "PostgreSQL does not run as root and there is no user postgres; \(remedy)")
        }
        let programs = ["/usr/bin/setpriv", "/bin/setpriv"]
        guard let program = programs.first(where: { access($0, X_OK) == 0 }) else {
            throw SQLTestKitError(.startFailed, "PostgreSQL does not run as root and there is no setpriv; \(remedy)")
        }
        guard chown(folder, user.pointee.pw_uid, user.pointee.pw_gid) == 0 else {
            throw SQLTestKitError(.system, "the owner of \(folder) could not be set: \(lastSystemError())")
        }
        return [program, "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    }
}
