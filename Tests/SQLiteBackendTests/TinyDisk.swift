import Foundation

/// A file system of a few bytes, where the tests may mount one: as root on Linux.
enum TinyDisk {
    static let isAvailable: Bool = {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tiny-\(UUID().uuidString)").path
        guard mkdir(folder, 0o755) == 0 else { return false }
        defer { rmdir(folder) }
        guard attach(folder, bytes: 65_536) else { return false }
        return detach(folder)
    }()

    /// Lends a folder that is a file system of its own.
    static func with(bytes: Int, _ body: (String) async throws -> Void) async throws {
        try await withFolder { folder in
            guard attach(folder, bytes: bytes) else { throw CocoaError(.featureUnsupported) }
            defer { _ = detach(folder) }
            try await body(folder)
        }
    }

    #if os(Linux)
        /// Makes it read-only.
        static func freeze(_ folder: String) -> Bool {
            mount("tmpfs", folder, "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), nil) == 0
        }

        private static func attach(_ folder: String, bytes: Int) -> Bool {
            mount("tmpfs", folder, "tmpfs", 0, "size=\(bytes)") == 0
        }

        private static func detach(_ folder: String) -> Bool { umount2(folder, Int32(MNT_DETACH)) == 0 }
    #else
        static func freeze(_ folder: String) -> Bool { false }
        private static func attach(_ folder: String, bytes: Int) -> Bool { false }
        private static func detach(_ folder: String) -> Bool { false }
    #endif
}
