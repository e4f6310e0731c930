import Crypto
import CryptoExtras
import Foundation

/// What is kept of a generation's password: enough to know it again, too little to find it.
struct Protection: Codable, Sendable, Equatable {
    var salt: String
    var rounds: Int
    var hash: String

    /// Takes a fraction of a second, on purpose.
    init(password: String) throws {
        salt = SymmetricKey(size: .bits128).withUnsafeBytes { Array($0) }.hex
        rounds = 600_000
        hash = ""
        hash = try derive(password)
    }

    /// Whether a password is the one; compared in constant time.
    func fits(_ password: String) throws -> Bool {
        let given = try derive(password)
        return given.utf8.count == hash.utf8.count
            && zip(given.utf8, hash.utf8).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private func derive(_ password: String) throws -> String {
        try KDF.Insecure.PBKDF2.deriveKey(
            from: Array(password.utf8), salt: Array(salt.utf8), using: .sha256, outputByteCount: 32, rounds: rounds
        ).withUnsafeBytes { Array($0) }.hex
    }
}
