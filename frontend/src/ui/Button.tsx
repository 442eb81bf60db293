import type { ButtonHTMLAttributes, ReactNode } from "react";
import style from "./Button.module.css";
import { classes } from "./classes";
import { Spinner } from "./Spinner";

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: "primary" | "soft" | "quiet" | "text" | "danger";
  size?: "small" | "normal" | "large";
  busy?: boolean;
  wide?: boolean;
  icon?: ReactNode;
}

export function Button({
  look = "quiet",
  size = "normal",
  busy = false,
  wide = false,
  icon,
  className,
  children,
  disabled,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled}
      aria-busy={busy || undefined}
      className={classes(style.button, style[look], style[size], wide && style.wide, className)}
    >
      {busy && (
        <span className={style.spinner}>
          <Spinner size={16} />
        </span>
      )}
      <span className={classes(style.label, busy && style.hidden)}>
        {icon}
        {children}
      </span>
    </button>
  );
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  label: string;
  over?: "page" | "media";
}

/** A 44 px target around an icon; the label is what a screen reader says. */
export function IconButton({
  label,
  over = "page",
  className,
  children,
  ...rest
}: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={classes(style.icon, over === "media" && style.media, className)}
    >
      {children}
    </button>
  );
}
