#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The files in which Linux tells figures, under a root that tests choose.
struct SystemFiles: Sendable {
    let root: String

    /// The text of a small file; `nil` where there is none.
    func text(_ path: String) -> String? {
        guard let file = fopen(root + path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            if count <= 0 { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A file that holds one figure. `max`, cgroup's word for no limit, is none.
    func figure(_ path: String) -> Double? {
        text(path).flatMap { Double($0.split(whereSeparator: \.isWhitespace).first ?? "") }
    }

    /// The figure after a name, in a file of lines `name figure` or `name: figure kB`.
    func figure(_ name: String, in path: String) -> Double? {
        guard let text = text(path) else { return nil }
        for line in text.split(separator: "\n") {
            let words = line.split(whereSeparator: { $0 == " " || $0 == ":" || $0 == "\t" })
            guard words.count >= 2, words[0] == name else { continue }
            return Double(words[1]).map { words.count > 2 && words[2] == "kB" ? $0 * 1024 : $0 }
        }
        return nil
    }

    /// How many entries a folder has; `nil` where there is none.
    func count(in path: String) -> Int? {
        guard let folder = opendir(root + path) else { return nil }
        defer { closedir(folder) }
        var count = -2  // `.` and `..`
        while readdir(folder) != nil { count += 1 }
        return count
    }
}
