import { Eye, EyeOff } from "lucide-react";
import {
  type InputHTMLAttributes,
  type ReactNode,
  type TextareaHTMLAttributes,
  useId,
  useState,
} from "react";
import { m } from "@/app/messages";
import { classes } from "./classes";
import style from "./Field.module.css";

interface Around {
  label: string;
  problem?: string;
  hint?: ReactNode;
}

function Frame(props: Around & { id: string; after?: ReactNode; children: ReactNode }) {
  const { id, label, problem, hint, after, children } = props;
  return (
    <div className={style.field}>
      <div className={classes(style.box, problem && style.wrong)}>
        {children}
        <label className={style.label} htmlFor={id}>
          {label}
        </label>
        {after}
      </div>
      <p
        id={`${id}-note`}
        className={classes(style.note, problem && style.problem)}
        aria-live="polite"
      >
        {problem ?? hint}
      </p>
    </div>
  );
}

type FieldProps = Around & Omit<InputHTMLAttributes<HTMLInputElement>, "id" | "placeholder">;

/** The label rests inside and makes room when one writes. */
export function Field({ label, problem, hint, type, className, ...rest }: FieldProps) {
  const id = useId();
  const [seen, setSeen] = useState(false);
  const secret = type === "password";
  return (
    <Frame
      id={id}
      label={label}
      problem={problem}
      hint={hint}
      after={
        secret && (
          <button
            type="button"
            className={style.peek}
            aria-label={seen ? m.auth.hide : m.auth.show}
            onClick={() => setSeen(!seen)}
          >
            {seen ? <EyeOff size={18} /> : <Eye size={18} />}
          </button>
        )
      }
    >
      <input
        {...rest}
        id={id}
        type={secret && seen ? "text" : type}
        placeholder=" "
        className={style.input}
        aria-invalid={problem ? true : undefined}
        aria-describedby={`${id}-note`}
      />
    </Frame>
  );
}

type AreaProps = Around & Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, "id" | "placeholder">;

export function Area({ label, problem, hint, className, ...rest }: AreaProps) {
  const id = useId();
  return (
    <Frame id={id} label={label} problem={problem} hint={hint}>
      <textarea
        {...rest}
        id={id}
        placeholder=" "
        className={classes(style.input, style.area)}
        aria-invalid={problem ? true : undefined}
        aria-describedby={`${id}-note`}
      />
    </Frame>
  );
}
