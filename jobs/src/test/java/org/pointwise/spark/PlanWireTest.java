package org.pointwise.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pointwise.plan.UnitPlan;

class PlanWireTest {
  /** Executors can be given each kind of plan. */
  @ParameterizedTest
  @MethodSource("kinds")
  void everyPlanHasAForm(Class<?> plan) {
    Output out = new Output(64);
    out.writeString(plan.getSimpleName());
    // Its reader is found, and lacks the rest.
    assertThatThrownBy(() -> PlanWire.read(new Input(out.toBytes())))
        .isNotInstanceOf(IllegalArgumentException.class);
  }

  static Stream<Class<?>> kinds() {
    Stream<Class<?>> all = kinds(UnitPlan.class);
    assertThat(kinds(UnitPlan.class)).hasSizeGreaterThan(8);
    return all;
  }

  private static Stream<Class<?>> kinds(Class<?> plan) {
    return plan.isSealed()
        ? Stream.of(plan.getPermittedSubclasses()).flatMap(PlanWireTest::kinds)
        : Stream.of(plan);
  }
}
