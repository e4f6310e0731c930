import SQLDatabase
import Synchronization

/// What each template was prepared to, created once for each template however many tasks ask at the same time.
final class TemplateCache<Database: SQLClient>: Sendable {
    private struct Entry: Sendable {
        /// Kept so that no other template gets the identifier.
        let template: DatabaseTemplate<Database>
        let prepared: Task<String, any Error>
    }

    private let entries = Mutex<[ObjectIdentifier: Entry]>([:])

    /// Returns the name that `prepare` returned for a template. A failure of the template's closure is kept too; after
    /// another failure the next caller tries again.
    func name(
        of template: DatabaseTemplate<Database>, _ prepare: @escaping @Sendable () async throws -> String
    ) async throws -> String {
        let entry = entries.withLock { entries in
            if let entry = entries[ObjectIdentifier(template)] { return entry }
            // A task of its own: the cancellation of the test that asks first does not fail the others.
            let entry = Entry(template: template, prepared: Task { try await prepare() })
            entries[ObjectIdentifier(template)] = entry
            return entry
        }
        do {
            return try await entry.prepared.value
        } catch {
            if (error as? SQLTestKitError)?.code != .templateFailed {
                entries.withLock { entries in
                    if entries[ObjectIdentifier(template)]?.prepared == entry.prepared {
                        entries[ObjectIdentifier(template)] = nil
                    }
                }
            }
            throw error
        }
    }
}

extension DatabaseTemplate {
    /// Runs the closure.
    func fill(_ database: Database) async throws(SQLTestKitError) {
        do {
            try await prepare(database)
        } catch {
            throw SQLTestKitError(.templateFailed, "the closure of a template failed; correct it", underlying: error)
        }
    }
}

/// Runs an operation to its end even when the current task has been canceled.
nonisolated(nonsending) func shielded<Result: Sendable>(
    _ operation: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await Task { try await operation() }.value
}
