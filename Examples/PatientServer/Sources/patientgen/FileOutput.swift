import Foundation

/// Why a file could not be read or written.
struct FileError: Error, CustomStringConvertible {
    let path: String
    let number: Int32

    var isBrokenPipe: Bool { number == EPIPE }
    var description: String { "\(path): \(String(cString: strerror(number)))" }
}

/// A file that is written from its begin or from where it was left, or standard output.
final class FileOutput {
    let path: String
    private let descriptor: Int32
    /// Bytes in it.
    private(set) var count: Int

    /// Standard output.
    init() {
        path = "standard output"
        descriptor = 1
        count = 0
    }

    /// - Parameter keeping: how many bytes of a file that is there already stay; the rest is cut off.
    init(path: String, keeping: Int = 0) throws(FileError) {
        self.path = path
        count = keeping
        descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileError(path: path, number: errno) }
        // What is no regular file, /dev/null for one, cannot be cut and need not be.
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError(path: path, number: errno) }
        if status.st_mode & S_IFMT == S_IFREG {
            guard ftruncate(descriptor, off_t(keeping)) == 0, lseek(descriptor, 0, SEEK_END) >= 0 else {
                throw FileError(path: path, number: errno)
            }
        }
    }

    deinit { if descriptor > 2 { close(descriptor) } }

    func write(_ bytes: UnsafeBufferPointer<UInt8>) throws(FileError) {
        var at = 0
        while at < bytes.count {
            let written = Foundation.write(descriptor, bytes.baseAddress.map { $0 + at }, bytes.count - at)
            if written < 0 {
                if errno == EINTR { continue }
                throw FileError(path: path, number: errno)
            }
            at += written
        }
        count += at
    }

    func write(_ bytes: [UInt8]) throws(FileError) {
        try bytes.withUnsafeBufferPointer { (bytes) throws(FileError) in try write(bytes) }
    }
}
