import Synchronization

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

/// A temporary folder that is removed when the process ends, however it ends, and a server that lives in it.
///
/// A shell waits for the end of a pipe that only this process holds open. The kernel closes it also after `kill -9`; the
/// shell then stops the server by its process id and removes the folder.
final class ScratchFolder: Sendable {
    /// The path.
    let path: String
    private let state: Mutex<State>

    private struct State {
        var pipe: Int32
        let watchdog: pid_t
        var hasEnded = false
    }

    /// Creates a folder.
    /// - Parameters:
    ///   - name: The beginning of its name.
    ///   - command: The server to run until the folder is removed, made of the folder's path; none by default.
    init(_ name: String, command: (_ folder: String) throws -> [String] = { _ in [] }) throws {
        let base = environmentVariable("TMPDIR") ?? FileManager.default.temporaryDirectory.path
        let path = "\(base.hasSuffix("/") ? String(base.dropLast()) : base)/\(name)-\(UUID().uuidString.prefix(8))"
        guard mkdir(path, 0o700) == 0 else {
            throw SQLTestKitError(.system, "the folder \(path) could not be created: \(lastSystemError())")
        }
        self.path = path
        let words: [String]
        do { words = try command(path) } catch {
            try? FileManager.default.removeItem(atPath: path)
            throw error
        }
        let ends = try makePipe()
        defer { close(ends.read) }
        do {
            let watchdog = try spawn(
                "/bin/sh", ["-c", Self.script, "watchdog", path] + words, input: ends.read, output: "\(path)/log")
            state = Mutex(State(pipe: ends.write, watchdog: watchdog))
        } catch {
            close(ends.write)
            try? FileManager.default.removeItem(atPath: path)
            throw error
        }
    }

    deinit {
        let pipe = state.withLock { $0.pipe }
        if pipe >= 0 { close(pipe) }
    }

    /// The folder of files of this process, created when it is first used.
    static let shared = Result { try ScratchFolder("vitals-sqlite") }

    /// Whether the server has ended.
    var serverHasEnded: Bool { FileManager.default.fileExists(atPath: "\(path)/ended") }

    /// The end of what the server printed.
    var log: String {
        (try? String(contentsOfFile: "\(path)/log", encoding: .utf8)).map { String($0.suffix(2000)) } ?? ""
    }

    /// Stops the server, removes the folder and waits until both are done.
    func remove() async {
        state.withLock { state in
            if state.pipe >= 0 { close(state.pipe) }
            state.pipe = -1
        }
        // Not cut short by the cancellation of the caller's task.
        await Task { while !hasEnded() { try? await Task.sleep(for: .milliseconds(5)) } }.value
    }

    private func hasEnded() -> Bool {
        state.withLock { state in
            if !state.hasEnded {
                var status: Int32 = 0
                state.hasEnded = waitpid(state.watchdog, &status, WNOHANG) != 0
            }
            return state.hasEnded
        }
    }

    /// Arguments: the folder, then the words of the server's command, if there is one.
    ///
    /// The server is a child of this shell and not of the process, which therefore never has to wait for it.
    private static let script = """
        folder=$1
        shift
        exec 3<&0
        if [ $# -gt 0 ]; then
            "$@" </dev/null 3<&- &
            server=$!
            (
                read -r line <&3
                [ -e "$folder/ended" ] && exit
                kill -CONT "$server"
                kill -QUIT "$server"
                for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
                    kill -0 "$server" || exit
                    sleep 0.1
                done
                kill -KILL "$server"
            ) 2>/dev/null &
            wait "$server"
            echo $? >"$folder/ended"
        fi
        read -r line <&3
        rm -rf "$folder"
        """
}
