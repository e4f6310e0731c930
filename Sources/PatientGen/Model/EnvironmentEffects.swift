/// What the surroundings do to injuries, help and transport. The directions are the point; the sizes are assumptions.
struct EnvironmentEffects: Sendable {
    /// Percent added to every transport.
    var slower = 0
    /// Minutes until help at the point of injury, added.
    var delay = 0
    /// Factor on the weights of injuries of cold, heat and falls, of crush wounds and of infections.
    var cold = 1.0, heat = 1.0, falls = 1.0, crush = 1.0, infection = 1.0, eyes = 1.0
    /// Tenths of a degree on the temperature of every casualty.
    var warmth = 0
    /// Whether helicopters stay on the ground.
    var grounded = false

    init(_ conditions: [Environment]) {
        for condition in conditions {
            switch condition {
            case .rain: (slower, warmth, infection) = (slower + 15, warmth - 3, infection * 1.5)
            case .fog: (slower, grounded) = (slower + 30, true)
            case .storm: (slower, falls, grounded) = (slower + 50, falls * 1.5, true)
            case .extremeHeat: (heat, warmth, delay) = (heat * 10, warmth + 6, delay + 2)
            case .extremeCold: (cold, warmth, delay) = (cold * 10, warmth - 9, delay + 3)
            case .dustStorm: (slower, eyes, grounded) = (slower + 25, eyes * 4, true)
            case .night: (slower, delay) = (slower + 20, delay + 5)
            case .mountains: (slower, falls) = (slower + 60, falls * 3)
            case .debris: (delay, crush) = (delay + 10, crush * 4)
            }
        }
    }

    /// Factor on the risk to die of wounds: half of the delay on the way, and one per cent a minute until help.
    var danger: Double { 1 + Double(slower) / 200 + Double(delay) / 100 }
}
