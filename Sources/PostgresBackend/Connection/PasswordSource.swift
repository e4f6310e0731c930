import DriverExecutors
import Synchronization

/// Gets the password for a new connection, within a limit and for a bounded number of calls that hang.
final class PasswordSource: Sendable {
    private let password: PostgresConfiguration.Password
    private let hanging = Atomic<Int>(0)

    /// As many calls of the provider may have been given up and not have returned.
    static let mostHanging = 16

    init(_ password: PostgresConfiguration.Password) { self.password = password }

    /// The calls of the provider that were given up and have not returned.
    var hangingCalls: Int { hanging.load(ordering: .acquiring) }

    /// The password, or `nil` where libpq is to find one.
    /// - Throws: ``PostgresError``, or `CancellationError` when the task is cancelled, even if the provider goes on.
    func password(within limit: Duration, on loop: any ReadinessLoop) async throws -> String? {
        switch password {
        case .none: return nil
        case .value(let value): return value
        case .provider(let provider):
            guard hangingCalls < Self.mostHanging else {
                throw PostgresError(
                    .connectTimeout,
                    "\(Self.mostHanging) calls of the password provider have not returned: give it a time limit")
            }
            switch try await ask(provider, within: limit, on: loop) {
            case .success(let value):
                guard !value.utf8.contains(0) else {
                    throw PostgresError(
                        .invalidConfiguration, "the password provider returned a NUL character: remove it")
                }
                return value
            case .failure(let error as CancellationError) where Task.isCancelled: throw error
            case .failure(let error):
                throw PostgresError(.authenticationFailed, "the password provider failed", underlying: error)
            case nil:
                throw PostgresError(
                    .connectTimeout, "the password provider did not return within \(limit): give it a time limit")
            }
        }
    }

    private func ask(
        _ provider: @escaping @Sendable () async throws -> String, within limit: Duration, on loop: any ReadinessLoop
    ) async throws -> Result<String, any Error>? {
        var work: Task<Void, Never>?
        // Whoever comes second settles the count: a provider that returns late takes back what the caller added.
        let isCounted = Once()
        defer {
            work?.cancel()
            if isCounted.isFirst() { hanging.add(1, ordering: .acquiringAndReleasing) }
        }
        return try await TimeLimit.wait(limit, on: loop) { call in
            work = Task {
                let result: Result<String, any Error>
                do { result = .success(try await provider()) } catch { result = .failure(error) }
                if !isCounted.isFirst() { hanging.subtract(1, ordering: .acquiringAndReleasing) }
                call.finish(result)
            }
        }
    }
}

/// Tells the first of several callers from the others.
final class Once: Sendable {
    private let done = Atomic<Bool>(false)
    func isFirst() -> Bool { !done.exchange(true, ordering: .acquiringAndReleasing) }
}
